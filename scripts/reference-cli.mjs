// The page of the reference about the command line, from the definitions of the commands.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './steps.mjs';

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
    const files = ['program/all-commands', 'command/global-options', 'command/spec'];
    const contents = files.map((file) => `export * from './${file}.js';`).join('\n');
    await build({
      stdin: { contents, resolveDir: join(ROOT, 'apps', 'cli', 'src'), loader: 'ts' },
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

function section(command, prefix, level, wait) {
  const words = (command.arguments ?? []).map(({ syntax }) => syntax).join(' ');
  const options = [...(command.options ?? []), ...(command.changes === true ? [wait] : [])];
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

export async function cliPage() {
  const { ALL_COMMANDS, GLOBAL_OPTIONS, WAIT_OPTION, isGroup } = await definitions();
  const visible = ALL_COMMANDS.filter((command) => command.hidden !== true);
  const index = visible.map((command) => `| [\`${command.name}\`](#${command.name}) | ${cell(command.about)} |`);
  return [
    '---\noutline: 2\n---',
    '# Commands',
    'Every command of `waygate`, with what `waygate help <command>` says. How it is set up and used in scripts: [the command line](../cli.md).',
    ['| command | |', '| --- | --- |', ...index].join('\n'),
    'Options of every command:',
    optionRows(GLOBAL_OPTIONS),
    ...visible.flatMap((command) =>
      isGroup(command)
        ? [
            `## ${command.name}`,
            `${command.about}${aliasText(command)}`.replace(/\.,/, ','),
            ...command.commands.map((child) => section(child, `${command.name} `, 3, WAIT_OPTION)),
          ]
        : [section(command, '', 2, WAIT_OPTION)],
    ),
  ].join('\n\n');
}
