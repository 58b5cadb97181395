import { auditPath, effectiveRoute, instantMs, type AuditClaim, type RecordedAuditEntry, type RouteRecord } from '@waygate/core';
import { wireTime } from '../http/wire-time.js';

/** AuditEntry on the wire (wire contract, §3). `revision` is ours. */
export interface AuditEntryWire {
  readonly id: string;
  readonly timestamp: string;
  readonly path: string;
  readonly service: string | null;
  readonly action: string;
  readonly actor: string;
  readonly platform: string;
  readonly reason: string;
  readonly previous_status: string | null;
  readonly new_status: string | null;
  readonly revision: number;
  /** What an SDK says and the server cannot verify. */
  readonly claimed?: { readonly actor: string; readonly platform: string; readonly timestamp: string };
}

export function auditEntryWire(entry: RecordedAuditEntry): AuditEntryWire {
  const [previous, next] = statuses(entry);
  return {
    id: entry.id,
    timestamp: wireTime(entry.at),
    path: auditPath(entry.kind, entry.key),
    service: entry.service,
    action: entry.action,
    actor: entry.actor,
    platform: entry.platform,
    reason: entry.action === 'env_gate' ? gateReason(entry) : entry.reason,
    previous_status: previous,
    new_status: next,
    revision: entry.revision,
    ...(entry.claimed === undefined ? {} : { claimed: claimWire(entry.claimed) }),
  };
}

function claimWire({ actor, platform, at }: AuditClaim): NonNullable<AuditEntryWire['claimed']> {
  return { actor, platform, timestamp: wireTime(at) };
}

function statuses(entry: RecordedAuditEntry): readonly [string | null, string | null] {
  const { kind, before, after, at, action } = entry;
  if (kind === 'route') return [routeStatus(before, instantMs(at)), routeStatus(after, instantMs(at))];
  if (kind !== 'maintenance') return [null, null];
  if (action === 'global_maintenance_on') return [isOn(before) ? 'maintenance' : 'active', 'maintenance'];
  if (action === 'global_maintenance_off') return [isOn(before) ? 'maintenance' : 'active', 'active'];
  if (action === 'service_maintenance_on') return ['active', 'maintenance'];
  return action === 'service_maintenance_off' ? ['maintenance', 'active'] : [null, null];
}

/** @param value a route before or after; what an SDK reported itself has none */
function routeStatus(value: unknown, at: number): string | null {
  if (typeof value === 'string') return value;
  return isRoute(value) ? effectiveRoute(value, at).status : null;
}

function isRoute(value: unknown): value is RouteRecord {
  return typeof value === 'object' && value !== null && 'declared' in value && 'override' in value;
}

function isOn(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'enabled' in value && value.enabled === true;
}

/** `Restricted to: ['dev', 'staging']`, as clients know it; an SDK that reports it says so itself. */
function gateReason({ after, reason }: RecordedAuditEntry): string {
  const environments = isRoute(after) ? (after.override?.environments ?? []) : null;
  return environments === null ? reason : `Restricted to: [${environments.map((name) => `'${name}'`).join(', ')}]`;
}
