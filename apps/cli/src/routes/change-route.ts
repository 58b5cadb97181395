import { AmbiguousRouteError, ConflictError, NotFoundError, type RouteState, type WaygateClient } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, Declined } from '../terminal/failure.js';
import { canAsk, confirm } from '../terminal/prompt.js';
import { parseRoute, routeKey, similarRoutes } from './route-key.js';

type Change = (client: WaygateClient, key: string) => Promise<RouteState>;

/**
 * Makes a change on the route named, or on each route its bare path stands for, once that was agreed to.
 * @param told says what was done, for people
 */
export async function changeRoute(cli: Cli, input: Input, change: Change, told: (route: RouteState) => void): Promise<void> {
  const key = routeKey(parseRoute(input.argument('route'), input.option('service') ?? cli.settings.service));
  const client = await cli.client();
  const done = (route: RouteState) => {
    told(route);
    const { blocked_by: blockedBy } = route;
    if (blockedBy === 'global' || blockedBy === 'service')
      cli.out
        .say`  Requests still get 503: ${blockedBy === 'global' ? 'everything' : (route.service ?? 'its service')} is in maintenance.`;
    cli.out.value(route);
  };
  try {
    done(await change(client, key));
  } catch (error) {
    if (!(error instanceof AmbiguousRouteError)) throw await explained(error, client, key);
    await confirmAll(cli, input, error);
    for (const match of error.matches) {
      try {
        done(await change(client, match));
      } catch (failure) {
        throw await explained(failure, client, match);
      }
    }
  }
}

/** @throws {Declined | AmbiguousRouteError} */
async function confirmAll({ out }: Cli, input: Input, error: AmbiguousRouteError): Promise<void> {
  if (input.flag('yes')) return;
  if (out.json || !canAsk()) throw error.matches.length === 0 ? error : new AmbiguousChange(error);
  out.say`${error.message}`;
  for (const match of error.matches) out.say`  ${match}`;
  out.flush();
  if (!(await confirm(`Apply to all ${error.matches.length}?`))) throw new Declined();
}

class AmbiguousChange extends AmbiguousRouteError {
  constructor({ message, matches, body }: AmbiguousRouteError) {
    super(`${message} Or add --yes to change all of them.`, matches, body);
  }
}

async function explained(error: unknown, client: WaygateClient, key: string): Promise<unknown> {
  if (error instanceof NotFoundError) {
    const hint = error.message.includes('Did you mean') ? [] : await suggestions(client, key);
    return new CliFailure(error.message, undefined, hint);
  }
  if (error instanceof ConflictError && /force.?active/i.test(error.message))
    return new CliFailure(error.message, undefined, [
      'A force-active route stays open whatever operators set; only its code can change that.',
    ]);
  return error;
}

async function suggestions(client: WaygateClient, key: string): Promise<readonly string[]> {
  try {
    const routes = await client.routes.list();
    return similarRoutes(key, routes);
  } catch {
    return [];
  }
}
