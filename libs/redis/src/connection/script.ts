import { createHash } from 'node:crypto';
import { errorMessage } from '@waygate/core/native-errors';
import type { RedisClient } from './connection.js';

/** A script and the digest Redis knows it by. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Calls a script by its digest and reads what it answers. */
export function runScript<T>(
  client: RedisClient,
  { text, sha }: Script,
  keys: readonly string[],
  values: readonly string[],
  read: (answer: unknown) => T,
): Promise<T> {
  return client.evalsha(sha, keys.length, ...keys, ...values).then(read, (error: unknown) => {
    // A Redis that was restarted or flushed does not know the script; sending it whole teaches it again.
    if (!errorMessage(error).startsWith('NOSCRIPT')) throw error;
    return client.eval(text, keys.length, ...keys, ...values).then(read);
  });
}
