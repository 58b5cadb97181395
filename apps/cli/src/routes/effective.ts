import { ApiError, type EffectiveState, type MaintenanceConfig, type RouteState, type WaygateClient } from '@waygate/client';
import { parseRoute } from './route-key.js';

/** A route with what applies to it: what the server says, else what its maintenance switches make of it. */
export type ShownRoute = RouteState & { readonly effective: EffectiveState };

/** What `waygate status` shows. */
export interface Shown {
  readonly routes: readonly ShownRoute[];
  /** Maintenance of everything and of services that stops requests now. */
  readonly down: readonly MaintenanceConfig[];
}

/** Maintenance that stops requests now: of everything, then of services. */
export async function maintenanceInEffect(client: WaygateClient): Promise<readonly MaintenanceConfig[]> {
  return (await switches(client)).filter(({ enabled }) => enabled);
}

async function switches(client: WaygateClient): Promise<readonly MaintenanceConfig[]> {
  try {
    return await client.maintenance.list();
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 405)) throw error;
    // Servers of the Python Waygate have no list.
    const services = await client.routes.services();
    const ofServices = services.map(async (service) => ({ ...(await client.maintenance.forService(service).get()), service }));
    return Promise.all([client.maintenance.get(), ...ofServices]);
  }
}

/** @param down what {@link maintenanceInEffect} gives; asked only where the server does not say what applies */
export function withEffective(route: RouteState, down: readonly MaintenanceConfig[]): ShownRoute {
  if (route.effective !== undefined) return { ...route, effective: route.effective };
  const over = down.find((maintenance) => covers(maintenance, route));
  const source = route.source ?? 'override';
  const alone = { since: null, until: null, set_by: null, next: null, source };
  if (over === undefined) {
    const { status, reason } = route;
    const isBlocked = status === 'maintenance' || status === 'disabled';
    return { ...route, effective: { ...alone, status, reason, blocked_by: isBlocked ? 'route' : null } };
  }
  const blockedBy = over.service == null ? 'global' : 'service';
  return { ...route, effective: { ...alone, status: 'maintenance', reason: over.reason, blocked_by: blockedBy } };
}

function covers(
  { service = null, exempt_paths: exempt, include_force_active: all }: MaintenanceConfig,
  route: RouteState,
): boolean {
  if (service !== null && service !== route.service) return false;
  if (route.force_active && !all) return false;
  const { method, path } = parseRoute(route.path);
  return !exempt.includes(path) && !(method !== null && exempt.includes(`${method}:${path}`));
}
