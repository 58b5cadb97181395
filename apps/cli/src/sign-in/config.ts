import type { Input } from '../command/input.js';
import { green } from '../terminal/style.js';
import { secondOf } from '../terminal/time.js';
import type { Cli } from '../command/cli.js';
import { CliFailure } from '../terminal/failure.js';
import { normalUrl } from '../command/settings.js';

export function setUrl({ out, settings }: Cli, input: Input): Promise<void> {
  const url = normalUrl(input.argument('url'));
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliFailure(`'${url}' is no address of a server: give one such as http://localhost:8000/waygate`);
  settings.configFile.update({ server_url: url });
  out.say`${green('✓')} Server URL set to ${url}`;
  if (settings.urlSource !== settings.configFile.path && settings.urlSource !== 'default')
    out.say`  It does not hold here: the ${settings.urlSource} says ${settings.url}`;
  out.value({ server_url: url });
  return Promise.resolve();
}

export function showConfig({ out, settings }: Cli): Promise<void> {
  const { auth } = settings.config;
  out.table(
    [{ title: 'Setting' }, { title: 'Value', flexible: true }],
    [
      ['Server URL', `${settings.url} (${settings.urlSource})`],
      ['Username', auth?.username ?? '-'],
      ['Token expires', auth === undefined ? '-' : secondOf(auth.expires_at)],
      ['Signed in here', settings.token === null ? 'no' : 'yes'],
      ['Config file', settings.configFile.path],
    ],
  );
  out.value({
    server_url: settings.url,
    server_url_source: settings.urlSource,
    username: auth?.username ?? null,
    token_expires: auth?.expires_at ?? null,
    signed_in: settings.token !== null,
    config_file: settings.configFile.path,
  });
  return Promise.resolve();
}
