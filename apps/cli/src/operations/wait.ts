import { NotFoundError } from '@waygate/client';
import type { Cli } from '../session/cli.js';
import { CliFailure, EXIT, UsageFailure } from '../session/failure.js';
import { green } from '../terminal/style.js';

const DEFAULT_SECONDS = 30;
const POLL_MS = 250;

/**
 * Waits until every instance has applied the latest revision there is.
 * @param given seconds as typed; empty = 30
 * @throws {CliFailure} with exit code 4, naming those that lag
 */
export async function waitForInstances(cli: Cli, given: string): Promise<void> {
  const seconds = given === '' ? DEFAULT_SECONDS : Number(given);
  if (!(seconds > 0)) throw new UsageFailure("option '--wait' takes a number of seconds above 0");
  const { operations } = await cli.client();
  const { revision: wanted } = await operations.instances().catch(unknownInstances);
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const { instances } = await operations.instances();
    const lagging = instances.filter(({ revision }) => revision < wanted);
    if (lagging.length === 0) {
      cli.out.say`${green('✓')} Applied by all ${instances.length} instances (revision ${wanted})`;
      return;
    }
    if (Date.now() >= until) {
      const names = lagging.map(({ id, revision }) => `  ${id} is at revision ${revision}`);
      throw new CliFailure(
        `${lagging.length} of ${instances.length} instances have not applied revision ${wanted}`,
        EXIT.lagging,
        names,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function unknownInstances(error: unknown): never {
  if (!(error instanceof NotFoundError)) throw error;
  throw new CliFailure(
    'The change is made, but this server does not list its instances: nobody can tell whether all have applied it.',
  );
}
