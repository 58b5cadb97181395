import type {
  ChangeInput,
  FlagInput,
  GlobalRateLimitInput,
  RateLimitPolicyInput,
  SegmentInput,
  WaygateClient,
} from '@waygate/client';
import { parseRoute, routeKey } from '../routes/route-key.js';
import { CliFailure, EXIT } from '../terminal/failure.js';
import type { Step } from './plan-steps.js';

/**
 * Makes the changes of steps for servers that cannot make several as one: the Python server, and earlier versions of this one.
 * @throws {CliFailure} naming the entry that is wrong, and how many changes before it are made
 */
export async function applyOneByOne(client: WaygateClient, steps: readonly Step[], reason: string | undefined): Promise<void> {
  for (const [index, step] of steps.entries()) {
    try {
      for (const change of step.changes) await applyOne(client, reason === undefined ? change : { reason, ...change });
    } catch (error) {
      const what = `${step.kind} ${step.key}`.trim();
      const done = index === 0 ? 'Nothing was changed.' : `The ${index} changes before it are made; those after it are not.`;
      throw new CliFailure(`${what}: ${error instanceof Error ? error.message : String(error)}`, EXIT.failure, [done]);
    }
  }
}

function applyOne(client: WaygateClient, change: ChangeInput): Promise<unknown> {
  const { routes, rateLimits, flags, segments } = client;
  const key = typeof change['key'] === 'string' ? change['key'] : '';
  const said = change.reason === undefined ? {} : { reason: change.reason };
  const service = typeof change['service'] === 'string' ? change['service'] : null;
  const maintenance = service === null ? client.maintenance : client.maintenance.forService(service);
  const scope = service === null ? rateLimits.global : rateLimits.forService(service);
  const exempt = change['exempt'] as readonly string[];
  switch (change.kind) {
    case 'route.disable':
      return routes.disable(key, said);
    case 'route.maintenance':
      return routes.maintenance(key, said);
    case 'route.set-environments':
      return routes.setEnvironments(key, change['environments'] as readonly string[], said);
    case 'route.enable':
      return routes.enable(key, said);
    case 'route.clear':
      return routes.clear(key);
    case 'limit.set':
      return rateLimits.set({ ...(change['rateLimit'] as object), ...placeOf(key) } as RateLimitPolicyInput);
    case 'limit.clear': {
      const { method, path } = placeOf(key);
      return rateLimits.delete(method, path);
    }
    case 'limit-scope.set': {
      const exemptRoutes = change['exemptRoutes'];
      const listed = exemptRoutes === undefined ? {} : { exempt_routes: exemptRoutes };
      return scope.set({ ...(change['rateLimit'] as object), ...listed } as GlobalRateLimitInput);
    }
    case 'limit-scope.pause':
      return scope.disable();
    case 'limit-scope.clear':
      return scope.delete();
    case 'maintenance.enable':
      return maintenance.enable({
        ...said,
        exempt_paths: exempt,
        include_force_active: change['includeForceActive'] === true,
      });
    case 'maintenance.disable':
      return maintenance.disable(said);
    case 'maintenance.set-exempt':
      return maintenance.setExempt(exempt);
    case 'flag.set':
      return flags.put(change['flag'] as FlagInput);
    case 'flag.delete':
      return flags.delete(key);
    case 'segment.set':
      return segments.put(change['segment'] as SegmentInput);
    case 'segment.delete':
      return segments.delete(key);
    default:
      throw new CliFailure(`this server cannot make the change '${change.kind}'`);
  }
}

/** Where a limit stands on the wire. */
function placeOf(key: string): { readonly method: string; readonly path: string } {
  const route = parseRoute(key);
  return { method: route.method ?? 'GET', path: routeKey({ ...route, method: null }) };
}
