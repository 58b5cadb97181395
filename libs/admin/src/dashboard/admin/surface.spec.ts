import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = resolve(__dirname, '..', '..');
const DASHBOARD = join(SOURCES, 'dashboard');

/** Files that import others across the border of the dashboard, one way or the other. */
function crossing(): readonly string[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.tsx?$/.test(path) && !path.includes('.spec.'),
  );
  return files.filter((path) => {
    const isInside = (file: string) => file.startsWith(DASHBOARD + sep);
    const from = join(SOURCES, path);
    const imported = [...readFileSync(from, 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, to = '']) =>
      resolve(dirname(from), to),
    );
    const ours = imported.filter((to) => to.startsWith(SOURCES + sep));
    return ours.some((to) => isInside(to) !== isInside(from));
  });
}

describe('the border of the dashboard', () => {
  it('is crossed by its surface of the admin, and by the module that mounts it', () => {
    const files = crossing().map((path) => relative('.', path).replaceAll(sep, '/'));
    expect(files.toSorted()).toEqual(['admin-api.module.ts', 'dashboard/admin/surface.ts']);
  });
});
