import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const PAGE = readFileSync('docs/dependencies.md', 'utf8');
const PUBLISHED = ['libs', 'apps']
  .flatMap((group) => readdirSync(group).map((name) => `${group}/${name}/package.json`))
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Manifest)
  .filter((manifest) => manifest.private !== true);

/** Names and reasons in the table below a package's heading. */
function listed(name: string): Readonly<Record<string, string>> {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith(`${name}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` *\| (.+?) *\|$/gm)];
  return Object.fromEntries(rows.map(([, dependency = '', reason = '']) => [dependency, reason]));
}

describe('docs/dependencies.md', () => {
  it.each(PUBLISHED)(
    'lists each runtime and peer dependency of $name with a reason',
    ({ name, dependencies, peerDependencies }) => {
      const declared = Object.keys({ ...dependencies, ...peerDependencies });
      expect(Object.keys(listed(name)).toSorted()).toEqual(declared.toSorted());
    },
  );
});
