import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = resolve('scripts/check-layout.mjs');
let layoutProblems: (root: string) => readonly string[];
let root: string;

beforeAll(async () => {
  ({ layoutProblems } = await import(SCRIPT));
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-layout-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes the files of a clone. Paths are those below `libs/core/src`, unless they name another package. */
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, /^(libs|apps)\//.test(name) ? name : `libs/core/src/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** What the check finds in a clone that has these files. */
function problemsOf(files: Readonly<Record<string, string>>): string {
  write(files);
  return layoutProblems(root).join('\n');
}

const IMPORTS: readonly (readonly [kind: string, statement: string])[] = [
  ['static imports', "import { one } from './one.js';"],
  ['side effects', "import './one.js';"],
  ['type imports', "import type { One } from './one.js';"],
  ['inline type imports', "export const two = (one: import('./one.js').One) => one;"],
  ['re-exports', "export { one } from './one.js';"],
  ['re-exports of everything', "export * from './one.js';"],
  ['dynamic imports', "export const load = async () => (await import('./one.js')).one;"],
  ['require calls', "export const load = () => require('./one.js');"],
  ['loaders', "export const load = () => lazily('./one.js');"],
];

describe('The layout check', () => {
  it.each(IMPORTS)('fails on a circle between files through %s, and names the whole loop', (_kind, statement) => {
    const output = problemsOf({
      'one.ts': "import { three } from './three.js';",
      'three.ts': "import './two.js';",
      'two.ts': statement,
    });
    expect(output).toContain('Files of libs/core import each other in a circle:');
    expect(output).toMatch(/one\.ts → three\.ts .*one\.ts:1 imports libs\/core\/src\/three\.ts/);
    expect(output).toContain('three.ts → two.ts');
    expect(output).toContain('two.ts → one.ts');
  });

  it('fails on a circle through components', () => {
    const output = problemsOf({
      'page.tsx': "import { Bar } from './bar.js';\nexport const Page = () => <p>It's <Bar /></p>;",
      'bar.tsx': "import './page.js';",
    });
    expect(output).toContain('page.tsx → bar.tsx');
  });

  it('fails on a circle between folders whose files do not import each other in a loop', () => {
    const output = problemsOf({
      'flags/writer.ts': "import '../audit/log.js';",
      'audit/log.ts': '',
      'audit/reader.ts': "\nimport type { Flag } from '../flags/flag.js';",
      'flags/flag.ts': '',
    });
    expect(output).not.toContain('Files of');
    expect(output).toContain('Folders of libs/core import each other in a circle:');
    expect(output).toContain('flags → audit    libs/core/src/flags/writer.ts:1 imports libs/core/src/audit/log.ts');
    expect(output).toContain('audit → flags    libs/core/src/audit/reader.ts:2 imports libs/core/src/flags/flag.ts');
  });

  it('fails when a folder imports its parent, which imports it', () => {
    const output = problemsOf({
      'engine.ts': "import './flags/flag.js';",
      'flags/flag.ts': "import '../clock.js';",
      'clock.ts': '',
    });
    expect(output).toContain('src → flags');
    expect(output).toContain('flags → src');
  });

  it('fails on a circle between folders by what lies deeper in them', () => {
    const output = problemsOf({
      'pages/ui/list.ts': "import '../../flags/flag.js';",
      'flags/flag.ts': "import '../pages/form.js';",
      'pages/form.ts': '',
    });
    expect(output).toContain('pages → flags');
    expect(output).toContain('flags → pages');
  });

  it('reports every loop when there are several', () => {
    const output = problemsOf({
      'a.ts': "import './b.js';",
      'b.ts': "import './a.js';",
      'c.ts': "import './d.js';",
      'd.ts': "import './c.js';",
    });
    expect(output.match(/in a circle/g)).toHaveLength(2);
  });

  it.each([
    ['a package of a higher layer', 'libs/core/src/a.ts', '@waygate/admin'],
    ['an entry point of a higher layer', 'libs/core/src/a.ts', '@waygate/client/backend'],
    ['a package of its own layer', 'libs/redis/src/a.ts', '@waygate/client'],
    ['a file of a higher layer', 'libs/core/src/a.ts', '../../admin/src/index.js'],
    ['an app', 'libs/admin/src/a.ts', '@waygate/server'],
    ['another app', 'apps/cli/src/a.ts', '@waygate/server'],
  ])('fails when a package imports %s', (_case, from, specifier) => {
    const packages = ['libs/core', 'libs/redis', 'libs/client', 'libs/nestjs', 'libs/admin', 'apps/cli', 'apps/server'];
    const files = Object.fromEntries(packages.map((path) => [`${path}/src/index.ts`, '']));
    const output = problemsOf({ ...files, [from]: `export const load = () => import('${specifier}');` });
    expect(output).toContain('which is not in a layer below');
    expect(output).toContain(`${from}:1 imports`);
  });

  it('fails for a library that has no layer', () => {
    expect(problemsOf({ 'libs/postgres/src/index.ts': '' })).toContain('libs/postgres has no layer');
  });

  it('accepts imports that only point down, tests that use what is above them, and what an app is asked to load', () => {
    const output = problemsOf({
      'engine.ts': "import './flags/flag.js';\nimport './model/record.js';",
      'flags/flag.ts': "import type { Flag } from '../model/record.js';\nimport './deeper/part.js';",
      'flags/flag.spec.ts': "import '../engine.js';",
      'flags/deeper/part.ts': "import '../../model/record.js';",
      'model/record.ts': "export const load = (folder: string) => createRequire(folder)('@waygate/redis');",
      'libs/redis/src/index.ts': "import '@waygate/core';\nimport '@waygate/core/testing';",
      'apps/server/src/main.ts': "import '@waygate/redis';\nimport '@waygate/server';",
    });
    expect(output).toBe('');
  });

  it('ends with exit code 1 and prints the loop when run as a program', () => {
    write({ 'a.ts': "import './b.js';", 'b.ts': "import './a.js';" });
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, root], { encoding: 'utf8' });
    expect(stderr).toContain('a.ts → b.ts');
    expect(status).toBe(1);
  });
});
