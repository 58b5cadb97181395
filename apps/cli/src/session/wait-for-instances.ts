import { ApiError, type Instance } from '@waygate/client';
import { errorMessage } from '@waygate/core/native-errors';
import type { Cli } from '../command/cli.js';
import { CliFailure, EXIT, UsageFailure } from '../terminal/failure.js';
import { green } from '../terminal/style.js';
import { relativeTo } from '../terminal/time.js';

const DEFAULT_SECONDS = 30;
const POLL_MS = 250;

/** Seconds that `--wait` says; empty = 30. @throws {UsageFailure} */
export function secondsToWait(given: string): number {
  const seconds = given === '' ? DEFAULT_SECONDS : Number(given);
  if (!(seconds > 0)) throw new UsageFailure("option '--wait' takes a number of seconds above 0");
  return seconds;
}

/**
 * Waits until every instance has applied the latest revision there is. One that is gone counts until the server forgets it: it may go on
 * deciding by what it knew.
 * @throws {CliFailure} with exit code 4, naming those that lag
 */
export async function waitForInstances(cli: Cli, seconds: number): Promise<void> {
  const { operations } = await cli.client();
  const until = Date.now() + seconds * 1000;
  let wanted: number | undefined;
  for (;;) {
    const { instances, revision } = await operations.instances().catch(cannotTell);
    wanted ??= revision;
    const lagging = instances.filter((instance) => instance.revision < (wanted ?? 0));
    if (lagging.length === 0) {
      if (instances.length === 0) cli.out.say`${green('✓')} Applied (revision ${wanted}); no other process follows this server`;
      else cli.out.say`${green('✓')} Applied by all ${instances.length} instances (revision ${wanted})`;
      return;
    }
    if (Date.now() >= until) {
      throw new CliFailure(
        `${lagging.length} of ${instances.length} instances have not applied revision ${wanted}`,
        EXIT.lagging,
        lagging.map(lagText),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function lagText({ id, service, revision, stale, last_seen: seen }: Instance): string {
  const gone = stale ? `, not connected (last seen ${relativeTo(seen)})` : '';
  return `  ${service == null ? id : `${service} ${id}`} is at revision ${revision}${gone}`;
}

/** The change is made; only what came of it is not known. */
function cannotTell(error: unknown): never {
  if (error instanceof ApiError && error.status === 404)
    throw new CliFailure(
      'The change is made, but this server does not list its instances: nobody can tell whether all have applied it.',
    );
  throw new CliFailure(`The change is made, but whether all instances have applied it is not known: ${errorMessage(error)}`);
}
