// Writes docs/cli.md from the definitions of the commands: `node scripts/cli-docs.mjs`. With `--print` it goes to standard output.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import prettier from 'prettier';
import { ROOT } from './steps.mjs';

const PAGE = join(ROOT, 'docs', 'cli.md');
const START = '<!-- generated from here on by scripts/cli-docs.mjs -->';

const onlyDefinitions = {
  name: 'only-definitions',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined));
  },
};

/** The definitions are TypeScript; what the commands do is not needed here. */
async function definitions() {
  const folder = mkdtempSync(join(tmpdir(), 'waygate-docs-'));
  try {
    const outfile = join(folder, 'commands.mjs');
    const contents = `export * from './commands.js'; export * from './global-options.js'; export { isGroup } from './spec.js';`;
    await build({
      stdin: { contents, resolveDir: join(ROOT, 'apps', 'cli', 'src', 'program'), loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      plugins: [onlyDefinitions],
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { ALL_COMMANDS, GLOBAL_OPTIONS, WAIT_OPTION, isGroup } = await definitions();

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;

function optionRows(options) {
  const rows = options.map(({ syntax, about, default: standard, required, choices }) => {
    const notes = [
      ...(choices === undefined ? [] : [`one of ${choices.map(code).join(', ')}`]),
      ...(standard === undefined ? [] : [`default ${code(standard)}`]),
      ...(required === true ? ['required'] : []),
    ];
    return `| ${code(syntax)} | ${cell(about)}${notes.length === 0 ? '' : ` (${notes.join('; ')})`} |`;
  });
  return ['| option | meaning |', '| --- | --- |', ...rows].join('\n');
}

function section(command, prefix, level) {
  const words = (command.arguments ?? []).map(({ syntax }) => syntax).join(' ');
  const options = [...(command.options ?? []), ...(command.changes === true ? [WAIT_OPTION] : [])];
  return [
    `${'#'.repeat(level)} ${prefix}${command.name}`,
    command.about,
    ...(command.more === undefined ? [] : [command.more]),
    `\`waygate ${prefix}${command.name}${words === '' ? '' : ` ${words}`}\`${aliasText(command)}`,
    ...((command.arguments ?? []).length === 0
      ? []
      : [
          [
            '| argument | meaning |',
            '| --- | --- |',
            ...command.arguments.map(({ syntax, about }) => `| ${code(syntax)} | ${cell(about)} |`),
          ].join('\n'),
        ]),
    ...(options.length === 0 ? [] : [optionRows(options)]),
    `\`\`\`sh\n${command.examples.map(({ command: line, about }) => `# ${about}\n${line}`).join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function aliasText({ aliases = [] }) {
  return aliases.length === 0 ? '' : `, also ${aliases.map((alias) => `\`${alias}\``).join(', ')}`;
}

const visible = ALL_COMMANDS.filter((command) => command.hidden !== true);
const index = visible.map((command) => `| [\`${command.name}\`](#${command.name}) | ${cell(command.about)} |`);
const generated = [
  START,
  '## All commands',
  ['| command | |', '| --- | --- |', ...index].join('\n'),
  'Options of every command:',
  optionRows(GLOBAL_OPTIONS),
  ...visible.flatMap((command) =>
    isGroup(command)
      ? [
          `## ${command.name}`,
          `${command.about}${aliasText(command)}`.replace(/\.,/, ','),
          ...command.commands.map((child) => section(child, `${command.name} `, 3)),
        ]
      : [section(command, '', 2)],
  ),
].join('\n\n');

const written = readFileSync(PAGE, 'utf8');
const text = `${written.slice(0, written.indexOf(START)).trimEnd()}\n\n${generated}\n`;
const page = await prettier.format(text, { ...(await prettier.resolveConfig(PAGE)), filepath: PAGE });
if (process.argv.includes('--print')) process.stdout.write(page);
else writeFileSync(PAGE, page);
