import { isDeepStrictEqual } from 'node:util';
import { RouteProtectedError, ValidationError } from '../model/errors.js';
import type { FlagRecord } from '../schema/flag.js';
import type { LimitScopeRecord, RateLimitRecord } from '../schema/rate-limit.js';
import type { RecordValues } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { RouteRecord } from '../schema/route.js';
import { instantMs, type Instant } from '../model/time.js';

/** Kinds whose audit entries do not hold all of the record: secrets are left out of them. */
const KINDS_WITH_SECRETS: ReadonlySet<RecordKind> = new Set(['webhook', 'webhook-delivery', 'token', 'revocation']);

/**
 * The value that undoes a change: what an operator had set before it. What the code declares stays as it is now, and counters that were
 * reset stay so.
 * @param current the record as it is; `null` = it does not exist
 * @param before the record as it was before the change
 * @param now epoch ms: what was planned to happen by then has happened, and does not happen again
 * @returns `null` = the record goes away
 * @throws {ValidationError} for kinds that cannot be restored from the audit log
 * @throws {RouteProtectedError} when the route has become force-active since
 */
export function restored<K extends RecordKind>(
  kind: K,
  key: string,
  current: RecordValues[K] | null,
  before: RecordValues[K] | null,
  now: number,
): RecordValues[K] | null;
export function restored(kind: RecordKind, key: string, current: unknown, before: unknown, now: number): unknown {
  if (KINDS_WITH_SECRETS.has(kind))
    throw new ValidationError('revision', `a ${kind} cannot be restored from the audit log, which does not keep its secrets`);
  if (kind === 'edge') throw new ValidationError('revision', 'time cannot be turned back');
  if (kind === 'route') return restoredRoute(key, current as RouteRecord | null, before as RouteRecord | null);
  if (kind === 'rate-limit') return restoredLimit(current as RateLimitRecord | null, before as RateLimitRecord | null);
  if (kind === 'limit-scope') return restoredScope(current as LimitScopeRecord | null, before as LimitScopeRecord | null);
  return kind === 'flag' ? restoredFlag(before as FlagRecord | null, now) : before;
}

/** Whether what an operator can set is the same in two values of a record. */
export function sameSetting(kind: RecordKind, one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(settingOf(kind, one), settingOf(kind, other));
}

function settingOf(kind: RecordKind, value: unknown): unknown {
  if (kind === 'route') return (value as RouteRecord | null)?.override ?? null;
  if (kind === 'rate-limit') return (value as RateLimitRecord | null)?.override ?? null;
  if (kind !== 'limit-scope' || value === null) return value;
  const { resets: _resets, ...setting } = value as LimitScopeRecord;
  return setting;
}

function restoredFlag(before: FlagRecord | null, now: number): FlagRecord | null {
  if (before === null) return null;
  const isAhead = (at: Instant) => instantMs(at) > now;
  const scheduledChanges = before.scheduledChanges.filter(({ executeAt }) => isAhead(executeAt));
  const switchBackAt = before.switchBackAt !== null && isAhead(before.switchBackAt) ? before.switchBackAt : null;
  return { ...before, scheduledChanges, switchBackAt };
}

function restoredRoute(key: string, current: RouteRecord | null, before: RouteRecord | null): RouteRecord | null {
  if (current?.declared.forceActive === true) throw new RouteProtectedError(key);
  if (current === null) return before;
  return { ...current, override: before?.override ?? null };
}

function restoredLimit(current: RateLimitRecord | null, before: RateLimitRecord | null): RateLimitRecord | null {
  if (current === null) return before;
  return { ...current, override: before?.override ?? null };
}

function restoredScope(current: LimitScopeRecord | null, before: LimitScopeRecord | null): LimitScopeRecord | null {
  return before === null || current === null ? before : { ...before, resets: current.resets };
}
