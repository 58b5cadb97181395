import { edges as flagEdges, type Edge as FlagEdge } from '../flags/settle.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { FlagRecord } from '../schema/flag.js';
import type { StoredRecord } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { Instant } from '../model/time.js';
import { upcomingEdgesOf, type Edge } from './edges.js';
import type { TimedRecord } from './timed-records.js';

/** Something that will change by itself. */
export interface UpcomingChange {
  readonly at: Instant;
  readonly kind: RecordKind;
  /** Key of the record. */
  readonly key: string;
  /** `null` = it belongs to none. */
  readonly service: string | null;
  readonly change: Edge['action'] | 'switch_back' | 'scheduled_change' | 'rollout_step' | 'rollout_end';
  /** Why, as far as somebody said; for flags, what changes. */
  readonly reason: string;
}

/** What a record with windows or expiries changes to next, once for each of them; what changes nothing is left out. */
export function upcomingOf(record: TimedRecord, now: number): readonly UpcomingChange[] {
  const { kind, key } = record;
  const service = 'service' in record.value ? record.value.service : serviceOfScope(key);
  return upcomingEdgesOf(record, now).map(({ at, action, reason }) => ({
    at: new Date(at).toISOString(),
    kind,
    key,
    service,
    change: action,
    reason,
  }));
}

/** Everything a flag will do by itself. */
export function upcomingOfFlag({ key, value }: StoredRecord<'flag'>, now: number): readonly UpcomingChange[] {
  return edgesOfReadable(value)
    .filter(({ at }) => at > now)
    .map(({ at, kind, what }) => ({
      at: new Date(at).toISOString(),
      kind: 'flag',
      key,
      service: null,
      change: kind,
      reason: what,
    }));
}

/** A flag that no writer of ours made changes nothing by itself. */
function edgesOfReadable(flag: FlagRecord): readonly FlagEdge[] {
  try {
    return [...flagEdges(flag, Infinity)];
  } catch {
    return [];
  }
}

function serviceOfScope(key: string): string | null {
  return key === GLOBAL_SCOPE ? null : key;
}
