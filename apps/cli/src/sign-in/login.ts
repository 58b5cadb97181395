import { ApiError, UnauthorizedError } from '@waygate/client';
import type { Input } from '../command/input.js';
import { ask, askSecret, canAsk, readStandardInput } from '../terminal/prompt.js';
import { green } from '../terminal/style.js';
import { secondOf } from '../terminal/time.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';

export async function login(cli: Cli, input: Input): Promise<void> {
  const { out, settings } = cli;
  const username = input.optionalArgument('user') ?? (await asked('user', () => ask('Username:')));
  const password = input.flag('passwordStdin')
    ? await readStandardInput()
    : (input.option('password') ?? (await asked('--password', () => askSecret('Password:'))));
  const { auth } = await cli.client();
  try {
    const session = await auth.login(username, password, 'cli');
    const { token, expires_at } = session;
    settings.configFile.update({ auth: { token, username: session.username, expires_at, server_url: settings.url } });
    out.say`${green('✓')} Logged in as ${session.username}`;
    out.say`Token expires: ${secondOf(expires_at)}`;
    out.value({ username: session.username, expires_at, server_url: settings.url });
  } catch (error) {
    if (error instanceof UnauthorizedError) throw new CliFailure(error.message);
    if (error instanceof ApiError && error.status === 501)
      throw new CliFailure(error.message, undefined, ['This server asks nobody to sign in; commands work without.']);
    throw error;
  }
}

export async function logout({ out, settings, client }: Cli): Promise<void> {
  // What is in WAYGATE_TOKEN was not given by a sign-in here, and is not ended by signing out.
  if (settings.token !== null && settings.token === settings.config.auth?.token) {
    // A server that is away or has forgotten the token must not keep anybody signed in here.
    await (await client()).auth.logout().catch(() => {});
  }
  if (settings.config.auth !== undefined) settings.configFile.update({ auth: undefined });
  out.say`${green('✓')} Logged out.`;
  if (process.env['WAYGATE_TOKEN']) out.say`  WAYGATE_TOKEN is set: commands go on with it`;
  out.value({ ok: true });
}

function asked(what: string, question: () => Promise<string>): Promise<string> {
  if (!canAsk()) throw new UsageFailure(`missing ${what}; it is asked for on a terminal only`);
  return question();
}
