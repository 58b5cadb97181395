import type { WaygateClient } from '@waygate/client';
import { Output } from '../terminal/output.js';
import { Spinner } from '../terminal/spinner.js';
import { dim } from '../terminal/style.js';
import type { Input } from '../command/input.js';
import type { CommandSpec } from '../command/spec.js';
import { VERSION } from '../command/version.js';
import type { Cli } from '../command/cli.js';
import { Declined, EXIT, UsageFailure } from '../terminal/failure.js';
import { readSettings } from '../command/settings.js';

/** Runs a command, tells what went wrong, and gives the exit code. */
export async function execute(spec: CommandSpec, input: Input): Promise<number> {
  const out = new Output({ json: input.flag('json'), colour: !input.isOff('color') });
  const spinner = new Spinner();
  try {
    const cli = openCli(out, spinner, input);
    const given = spec.changes === true ? input.optionalValue('wait') : undefined;
    if (given === undefined) await spec.run(cli, input);
    else await runAndWait(cli, spec, input, given);
    out.flush();
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof Declined) out.say`${dim(error.message)}`;
    out.flush();
    spinner.stop();
    if (error instanceof Declined) return EXIT.ok;
    const { report } = await import('./report.js');
    return report(error, out.json);
  } finally {
    spinner.stop();
  }
}

async function runAndWait(cli: Cli, spec: CommandSpec, input: Input, given: string): Promise<void> {
  const { secondsToWait, waitForInstances } = await import('./wait-for-instances.js');
  // Before anything is changed: whoever typed it wrong should not have to undo it.
  const seconds = secondsToWait(given);
  await spec.run(cli, input);
  cli.out.flush();
  await waitForInstances(cli, seconds);
}

function openCli(out: Output, spinner: Spinner, input: Input): Cli {
  const settings = readSettings(input.option('url'));
  let client: Promise<WaygateClient> | undefined;
  let clockSkewMs: number | null = null;
  const open = async () => {
    const { WaygateClient: Client } = await import('@waygate/client');
    const seconds = Number(input.option('timeout') ?? 30);
    if (!(seconds > 0)) throw new UsageFailure("option '--timeout' takes a number of seconds above 0");
    const made = new Client({
      baseUrl: settings.url,
      token: settings.token,
      platform: 'cli',
      handling: input.flag('create') ? 'lenient' : 'strict',
      userAgent: `waygate-cli/${VERSION}`,
      timeoutMs: seconds * 1000,
      ...(await certificateAuthority(input)),
      onAnswer: ({ headers }) => {
        spinner.stop();
        const date = Date.parse(headers['date'] ?? '');
        clockSkewMs = Number.isNaN(date) ? null : date - Date.now();
      },
    });
    return made;
  };
  return {
    out,
    settings,
    client: () => {
      spinner.start(`Waiting for ${settings.url}`);
      client ??= open();
      return client;
    },
    clockSkewMs: () => clockSkewMs,
  };
}

async function certificateAuthority(input: Input): Promise<{ ca?: string }> {
  const path = input.option('ca') ?? (process.env['WAYGATE_CA'] || undefined);
  if (path === undefined) return {};
  const { readFile } = await import('node:fs/promises');
  try {
    return { ca: await readFile(path, 'utf8') };
  } catch (error) {
    throw new UsageFailure(`--ca: ${path} cannot be read: ${(error as Error).message}`);
  }
}
