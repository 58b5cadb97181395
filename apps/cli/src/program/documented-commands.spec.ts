import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GLOBAL_OPTIONS, WAIT_OPTION } from '../command/global-options.js';
import { answersTo, isGroup, type AnyCommand } from '../command/spec.js';
import { ALL_COMMANDS } from './all-commands.js';

const FOLDERS = ['.', 'docs', 'docs/reference', 'examples', ...foldersIn('examples'), ...foldersIn('libs'), ...foldersIn('apps')];
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

describe('the documentation of the command line', () => {
  it('names only commands and options that exist', () => {
    const found = calls();
    expect(found.length).toBeGreaterThan(150);
    expect(found.map(({ path, words }) => ({ path, words, is: mistake(words) })).filter(({ is }) => is !== undefined)).toEqual(
      [],
    );
  });
});
