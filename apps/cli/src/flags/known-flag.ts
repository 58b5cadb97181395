import { NotFoundError, type WaygateClient } from '@waygate/client';
import { CliFailure } from '../terminal/failure.js';
import { similar } from '../terminal/similar.js';

/** Runs something about a flag; for one that does not exist the failure names what was probably meant. */
export function aboutFlag<T>(client: WaygateClient, key: string, run: () => Promise<T>): Promise<T> {
  return withSuggestions(run, key, async () => (await client.flags.list()).map((flag) => flag.key));
}

export async function withSuggestions<T>(
  run: () => Promise<T>,
  key: string,
  known: () => Promise<readonly string[]>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new CliFailure(error.message, undefined, similar(key, await known().catch(() => [])));
  }
}
