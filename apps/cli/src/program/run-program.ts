import { Argument, Command, CommanderError, Option } from 'commander';
import { EXIT } from '../terminal/failure.js';
import { similar } from '../terminal/similar.js';
import { write } from '../terminal/write.js';
import { ALL_COMMANDS } from './all-commands.js';
import { GLOBAL_OPTIONS, WAIT_OPTION } from '../command/global-options.js';
import { Input } from '../command/input.js';
import { answersTo, isGroup, type AnyCommand, type CommandSpec, type OptionSpec } from '../command/spec.js';

const HELP_WIDTH = 100;

/** Reads the command line and runs what it names. @returns the exit code */
export async function runProgram(words: readonly string[], version: string): Promise<number> {
  const program = buildProgram(words, version);
  if (words.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return Number(process.exitCode ?? EXIT.ok);
}

/** The command named by the first word, or all for help; of what no word names only the summary, since building costs time at every start. */
function buildProgram(words: readonly string[], version: string): Command {
  const program = configured(new Command('waygate'), words)
    .description('Controls a Waygate: routes, maintenance, rate limits, feature flags and what happened to them.')
    .version(version, '-V, --version', 'show the version')
    // What follows a command is the command's own: `-V` is the version here and `--values` there.
    .enablePositionalOptions()
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', '\nEvery command has examples: waygate help <command>.');
  const [first] = words;
  const named = ALL_COMMANDS.filter((spec) => answersTo(spec, first));
  for (const spec of named.length > 0 ? named : ALL_COMMANDS)
    program.addCommand(commandOf(spec, words), { hidden: !isGroup(spec) && spec.hidden === true });
  return program;
}

function commandOf(spec: AnyCommand, words: readonly string[]): Command {
  const command = configured(new Command(spec.name), words)
    .summary(spec.about)
    .aliases([...(spec.aliases ?? [])]);
  command.description(spec.more === undefined ? spec.about : `${spec.about}\n\n${spec.more}`);
  if (!words.some((word) => answersTo(spec, word))) return command.allowUnknownOption().allowExcessArguments();
  if (!isGroup(spec)) return withDetails(command, spec);
  for (const child of spec.commands) command.addCommand(commandOf(child, words));
  return (
    command
      .helpCommand(false)
      .allowExcessArguments()
      // An unknown command is told before the options it would have had.
      .allowUnknownOption()
      .action(() => {
        const [unknown] = command.args;
        if (unknown?.startsWith('-')) command.error(`error: unknown option '${unknown}'`, { exitCode: EXIT.usage });
        if (unknown !== undefined) command.error(unknownCommand(unknown, spec.commands), { exitCode: EXIT.usage });
        command.outputHelp();
      })
  );
}

function withDetails(command: Command, spec: CommandSpec): Command {
  for (const { syntax, about } of spec.arguments ?? []) command.addArgument(new Argument(syntax, about));
  for (const option of spec.options ?? []) command.addOption(optionOf(option));
  if (spec.changes === true) command.addOption(optionOf(WAIT_OPTION));
  for (const option of GLOBAL_OPTIONS) command.addOption(optionOf(option).helpGroup('Options of every command:'));
  if (spec.examples.length > 0) command.addHelpText('after', `\n${examplesText(spec)}`);
  return command.action(async () => {
    const options = command.opts<Readonly<Record<string, unknown>>>();
    const input = new Input(argumentsOf(command, spec), options);
    const { execute } = await import('../session/execute.js');
    process.exitCode = await execute(spec, input);
  });
}

function argumentsOf(command: Command, spec: CommandSpec): Record<string, unknown> {
  const names = (spec.arguments ?? []).map(({ syntax }) => syntax.replace(/[<>[\].]/g, ''));
  return Object.fromEntries(names.map((name, index) => [name, command.processedArgs[index]]));
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.syntax, spec.about);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.required === true) option.makeOptionMandatory();
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.repeatable === true) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  return option;
}

function examplesText({ examples }: CommandSpec): string {
  return `Examples:\n${examples.map(({ command, about }) => `  # ${about}\n  ${command}`).join('\n')}`;
}

function unknownCommand(name: string, commands: readonly CommandSpec[]): string {
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
  return [`error: unknown command '${name}'`, ...similar(name, names).map((hint) => `(${hint})`)].join('\n');
}

/** Errors begin alike everywhere, end with 2, and go with a way to the help. */
function configured(command: Command, words: readonly string[]): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      sortSubcommands: false,
      showGlobalOptions: false,
    })
    .configureOutput({
      getOutHelpWidth: () => Math.min(HELP_WIDTH, process.stdout.columns || HELP_WIDTH),
      getErrHelpWidth: () => HELP_WIDTH,
      // Whoever reads the beginning of the help and leaves has seen enough.
      writeOut: write,
      outputError: (text, writeError) =>
        writeError(words.includes('--json') ? usageJson(text) : text.replace(/^error:/, 'Error:')),
    });
}

/** What is wrong with the command line, in the form of every other failure. */
function usageJson(text: string): string {
  const message = text
    .replace(/^error:/, '')
    .trim()
    .replaceAll('\n', ' ');
  return `${JSON.stringify({ error: { code: 'USAGE', message } })}\n`;
}
