import { Environment } from '@waygate/core';
import { ConfigFile, type ConfigContent } from './config-file.js';
import { CliFailure } from '../terminal/failure.js';

const DEFAULT_URL = 'http://localhost:8000/waygate';

export interface Settings {
  readonly url: string;
  /** For messages: where the address comes from. */
  readonly urlSource: string;
  /** `null` = not signed in, or the token has expired, or belongs to another server. */
  readonly token: string | null;
  readonly config: ConfigContent;
  readonly configFile: ConfigFile;
  /** The service commands are about unless `--service` says otherwise. */
  readonly service: string | undefined;
}

/** Option, environment variable, `.waygate` file, configuration file, default: in this order. */
export function readSettings(urlOption: string | undefined): Settings {
  const environment = readEnvironment();
  const configFile = new ConfigFile();
  const config = configFile.read();
  const named = environment.get('WAYGATE_SERVER_URL');
  const [url, urlSource] =
    urlOption !== undefined
      ? [urlOption, 'option --url']
      : named !== undefined
        ? [named, environment.source('WAYGATE_SERVER_URL')]
        : config.server_url !== undefined && config.server_url !== ''
          ? [config.server_url, configFile.path]
          : [DEFAULT_URL, 'default'];
  const fromDotWaygate = urlOption === undefined && named !== undefined && named !== process.env['WAYGATE_SERVER_URL'];
  return {
    url: normalUrl(url),
    urlSource,
    token: process.env['WAYGATE_TOKEN'] || storedToken(config, normalUrl(url), fromDotWaygate),
    config,
    configFile,
    service: environment.get('WAYGATE_SERVICE'),
  };
}

export function normalUrl(url: string): string {
  return url.trim().replace(/\/+$/, '');
}

function readEnvironment(): Environment {
  try {
    return Environment.read();
  } catch (error) {
    throw new CliFailure((error as Error).message);
  }
}

/**
 * A token goes to the server that gave it. One without a known origin goes anywhere but where a `.waygate` file points, since such a file
 * comes with a checkout and may be anybody's.
 */
function storedToken({ auth }: ConfigContent, url: string, fromDotWaygate: boolean): string | null {
  if (typeof auth?.token !== 'string' || auth.token === '') return null;
  if (Date.parse(auth.expires_at) <= Date.now()) return null;
  if (auth.server_url === undefined) return fromDotWaygate ? null : auth.token;
  return normalUrl(auth.server_url) === url ? auth.token : null;
}
