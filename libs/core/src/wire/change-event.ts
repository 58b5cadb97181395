import { effectiveRoute } from '../lifecycle/effective.js';
import type { AuditEntry } from '../schema/audit.js';
import type { MaintenanceRecord } from '../schema/maintenance.js';
import type { RouteRecord } from '../schema/route.js';
import type { WebhookEvent, WebhookEventName } from '../schema/webhook.js';
import { auditPath } from './audit-path.js';
import { maintenanceOnWire, routeStateOnWire } from './route-state.js';

/** An audit entry as webhooks tell it; the revision is known once it is committed. */
export interface ToldChange {
  readonly event: Omit<WebhookEvent, 'revision'>;
  /**
   * What the same change may be called too: whatever begins or ends the maintenance of a route is `maintenance_on` or
   * `maintenance_off` for those who ask for these.
   */
  readonly alias: WebhookEventName | null;
}

/**
 * Describes a change at the instant `now` (epoch ms): a pure function.
 * @param route the route the entry is about, after the change; `null` = it is about something else
 */
export function changeEvent(entry: AuditEntry, route: RouteRecord | null, now: number): ToldChange {
  const { id, action, kind, key, reason, at, actor, platform, service } = entry;
  const event = {
    id,
    event: action,
    path: auditPath(kind, key),
    reason,
    timestamp: at.replace('Z', '+00:00'),
    state: route === null ? null : routeStateOnWire(key, route, now),
    actor,
    platform,
    service,
    before: sideOnWire(entry, entry.before, now),
    after: sideOnWire(entry, entry.after, now),
  };
  return { event, alias: kind === 'route' && route !== null ? aliasOf(entry, route, now) : null };
}

/** Route and maintenance records have a form on the wire; the others are named, not repeated. */
function sideOnWire({ kind, key }: AuditEntry, record: unknown, now: number): WebhookEvent['before'] {
  if (record === null || record === undefined) return null;
  if (kind === 'route') return routeStateOnWire(key, record as RouteRecord, now);
  return kind === 'maintenance' ? maintenanceOnWire(record as MaintenanceRecord, now) : null;
}

function aliasOf({ action, before }: AuditEntry, route: RouteRecord, now: number): WebhookEventName | null {
  const after = effectiveRoute(route, now);
  const earlier = (before as RouteRecord | null) ?? route;
  // At an edge in time it is the clock that moved, not the record: what matters is how it was just before the edge.
  const atEdge = action === 'window_opened' || action === 'window_closed' || action === 'override_expired';
  const instant = atEdge ? effectiveRoute(earlier, now).holdsFrom - 1 : now;
  const was = effectiveRoute(earlier, instant).status === 'maintenance';
  const is = after.status === 'maintenance';
  if (was === is) return null;
  return is ? 'maintenance_on' : 'maintenance_off';
}
