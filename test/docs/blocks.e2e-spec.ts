import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';

const FOLDERS = [
  '.',
  'docs',
  'docs/decisions',
  'docs/contributing',
  'docs/reference',
  'examples',
  ...foldersIn('examples'),
  ...foldersIn('libs'),
  ...foldersIn('apps'),
];
const PAGES = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(`${folder}/${name}`, 'utf8') })),
);

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`);
}

function blocksOf(language: string): { path: string; code: string }[] {
  const block = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g');
  return PAGES.flatMap(({ path, text }) => [...text.matchAll(block)].map(([, code = '']) => ({ path, code })));
}

/** Pages that compare say in the first column of their tables what others call it. */
function ours(path: string, text: string): string {
  return path.endsWith('coming-from-python.md') ? text.replaceAll(/^\|[^|]*\|/gm, '|') : text;
}

describe('what the docs show', () => {
  it('as YAML and JSON can be read', () => {
    const yaml = blocksOf('yaml').map(({ path, code }) => ({ path, errors: parseDocument(code).errors.map(String) }));
    expect(yaml.length).toBeGreaterThan(2);
    expect(yaml.filter(({ errors }) => errors.length > 0)).toEqual([]);
    const json = blocksOf('json');
    expect(json.length).toBeGreaterThan(0);
    for (const { code } of json) JSON.parse(code);
  });

  it('of the engine are members that it has', () => {
    const sections = readFileSync('docs/reference/engine.md', 'utf8').split('\n## ');
    const has = (part: string, member: string) =>
      sections.some((section) => section.startsWith(`${part}\n`) && new RegExp(`^\\| \`${member}\\b`, 'm').test(section));
    const named = PAGES.filter(({ path }) => !path.includes('reference')).flatMap(({ path, text }) =>
      [...ours(path, text).matchAll(/\bengine\.(?!ts\b|events\b)(\w+)(?:\.(\w+))?/g)].map(([, part = '', member]) => ({
        path,
        part,
        member,
      })),
    );
    expect(named.length).toBeGreaterThan(100);
    const unknown = named.filter(({ part, member }) =>
      member === undefined
        ? !sections.some((section) => section.startsWith(`engine.${part}\n`)) && !has('engine', part)
        : !has(`engine.${part}`, member),
    );
    expect(unknown).toEqual([]);
  });

  it('of the options of the module is every one', () => {
    const [, section = ''] = readFileSync('docs/reference/options.md', 'utf8').split('\n### WaygateModuleOptions\n');
    const options = [...(section.split('\n### ')[0] ?? '').matchAll(/^\| `(\w+)\??`/gm)].map(([, name = '']) => name);
    const table = readFileSync('docs/configuration.md', 'utf8');
    expect(options).toContain('environment');
    expect(options.filter((name) => !table.includes(`| \`${name}\` `))).toEqual([]);
  });

  it('of the repository are scripts that it has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = PAGES.flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm run ([a-z][\w:-]*)(?! *-w)/g)].map(([, name = '']) => ({ path, name })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ name }) => scripts[name] === undefined)).toEqual([]);
  });

  it('as examples starts by the command it says', () => {
    for (const folder of foldersIn('examples'))
      expect(readFileSync(`${folder}/README.md`, 'utf8')).toContain(`npm start -w ${folder}`);
  });
});
