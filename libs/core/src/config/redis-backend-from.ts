import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { WaygateBackend } from '../backend/waygate-backend.js';
import { ConfigurationError } from '../model/errors.js';
import { errorMessage } from '../native-errors/native-error.js';
import type { Environment } from './environment.js';

interface RedisPackage {
  readonly RedisBackend: new (url: string, options?: { readonly namespace: string }) => WaygateBackend;
}

/**
 * The backend of `@waygate/redis`, which this package must not depend on: taken from where the app is installed.
 * @param directory where the app looks for its packages
 * @throws {ConfigurationError} when the package is not installed, or the URL or the namespace is none
 */
export function redisBackendFrom(surroundings: Environment, directory: string = process.cwd()): WaygateBackend {
  const url = surroundings.get('WAYGATE_REDIS_URL') ?? 'redis://localhost:6379/0';
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    // The URL may hold a password, so it is not repeated.
    throw new ConfigurationError(
      `${surroundings.source('WAYGATE_REDIS_URL')} is no URL of a Redis. Use redis://host:6379/0, or rediss:// for TLS.`,
    );
  }
  const { RedisBackend } = requireRedisPackage(surroundings, directory);
  const namespace = surroundings.get('WAYGATE_NAMESPACE');
  if (namespace === undefined) return new RedisBackend(url);
  try {
    return new RedisBackend(url, { namespace });
  } catch (error) {
    const problem = errorMessage(error);
    throw new ConfigurationError(`${surroundings.source('WAYGATE_NAMESPACE')} cannot be used: ${problem}.`, { cause: error });
  }
}

function requireRedisPackage(surroundings: Environment, directory: string): RedisPackage {
  try {
    return createRequire(join(directory, 'package.json'))('@waygate/redis') as RedisPackage;
  } catch (error) {
    throw new ConfigurationError(
      `${surroundings.source('WAYGATE_BACKEND')} is 'redis', but @waygate/redis cannot be loaded from ${directory}. ` +
        "Run 'npm install @waygate/redis ioredis' there, or give a RedisBackend as option 'backend'.",
      { cause: error },
    );
  }
}
