import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { ALL_COMMANDS } from '../../apps/cli/src/program/commands.js';
import { GLOBAL_OPTIONS, WAIT_OPTION } from '../../apps/cli/src/command/global-options.js';
import { answersTo, isGroup, type AnyCommand } from '../../apps/cli/src/command/spec.js';

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

/** Lines of shell blocks, and code within sentences, that call the command line; what is piped or chained is looked at piece by piece. */
function calls(): { path: string; words: string[] }[] {
  const lines = blocksOf('sh').flatMap(({ path, code }) => code.split('\n').map((line) => ({ path, line })));
  const inline = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:npx @waygate\/cli|waygate) [^`\n]+)`/g)].map(([, line = '']) => ({ path, line })),
  );
  return [...lines, ...inline].flatMap(({ path, line }) =>
    line
      .replaceAll(/"[^"]*"|'[^']*'/g, 'quoted')
      .replace(/ #.*$/, '')
      .split(/&&|\||;|\$\(/)
      .map((piece) => /^(?:\w+=\S* )*(?:npx @waygate\/cli|waygate) (.+)$/.exec(piece.trim())?.[1])
      .filter((piece) => piece !== undefined)
      .map((piece) => ({ path, words: piece.trim().split(/\s+/) })),
  );
}

/** What is wrong with a call; `undefined` = nothing. */
function mistake([first, ...others]: string[]): string | undefined {
  if (first === undefined || first === 'help' || first.startsWith('-') || first.startsWith('<')) return undefined;
  let command: AnyCommand | undefined = ALL_COMMANDS.find((spec) => answersTo(spec, first));
  let rest = others;
  if (command !== undefined && isGroup(command)) {
    const [second] = rest;
    command = command.commands.find((spec) => answersTo(spec, second));
    rest = rest.slice(1);
  }
  if (command === undefined || isGroup(command)) return `there is no command ${first} ${others[0] ?? ''}`;
  const specs = [...GLOBAL_OPTIONS, ...(command.options ?? []), ...(command.changes === true ? [WAIT_OPTION] : [])];
  const known = new Set(['--help', ...specs.flatMap(({ syntax }) => syntax.match(/(?<![\w-])--?[a-zA-Z][a-z-]*/g) ?? [])]);
  const unknown = rest.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*/, ''));
  return unknown.filter((option) => !known.has(option)).map((option) => `${command.name} takes no ${option}`)[0];
}

/** Pages that compare say in the first column of their tables what others call it. */
function ours(path: string, text: string): string {
  return path.endsWith('coming-from-python.md') ? text.replaceAll(/^\|[^|]*\|/gm, '|') : text;
}

describe('what the docs show', () => {
  it('of the command line are commands and options that it has', () => {
    const found = calls();
    expect(found.length).toBeGreaterThan(150);
    expect(found.map(({ path, words }) => ({ path, words, is: mistake(words) })).filter(({ is }) => is !== undefined)).toEqual(
      [],
    );
  });

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
