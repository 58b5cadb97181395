import type { FlagRecord, FlagStatus } from '../schema/flag.js';
import type { StoredRecord } from '../schema/record.js';
import { instantMs } from '../model/time.js';
import { servesEverybodyTheSame } from './compiled-flag.js';
import type { EvaluationLog } from './evaluation-log.js';
import { settle } from './settle.js';

/** A flag as it holds now: what fell due has happened, whether it was recorded already or not. */
export interface FlagView extends Omit<FlagRecord, 'status'> {
  /**
   * `new`: younger than a week and not evaluated yet. `inactive`: not evaluated for a week. `launched`: on, unchanged for a week, and
   * everybody gets the same. `active`: anything else. Evaluations are those of this process.
   */
  readonly status: FlagStatus;
  readonly revision: number;
}

/** A flag that could be removed from the code, or should be looked at. */
export interface StaleFlag {
  readonly key: string;
  readonly reason: 'not_evaluated' | 'serves_one_value' | 'deprecated_in_use' | 'archived_in_use';
  /** Epoch ms since when it has been so. */
  readonly since: number;
}

export const WEEK_MS = 7 * 86_400_000;

export function viewFlag({ value, revision }: StoredRecord<'flag'>, log: EvaluationLog, now: number): FlagView {
  const flag = settle(value, now);
  return { ...flag, status: statusOf(flag, log, now), revision };
}

/** Whether and why a flag is stale; `null` = it is not. */
export function staleness(flag: FlagRecord, log: EvaluationLog, now: number, after: number): StaleFlag | null {
  const { key } = flag;
  const last = log.lastEvaluated(key);
  const updated = instantMs(flag.updatedAt);
  if (flag.status !== 'active') {
    if (last === null || last <= updated) return null;
    return { key, reason: flag.status === 'archived' ? 'archived_in_use' : 'deprecated_in_use', since: updated };
  }
  const unseenSince = notEvaluatedSince(flag, log);
  if (now - unseenSince >= after) return { key, reason: 'not_evaluated', since: unseenSince };
  const settled = flag.temporary && (!flag.enabled || servesEverybodyTheSame(flag));
  return settled && now - updated >= after ? { key, reason: 'serves_one_value', since: updated } : null;
}

function statusOf(flag: FlagRecord, log: EvaluationLog, now: number): FlagStatus {
  if (flag.status !== 'active') return flag.status;
  const evaluated = log.lastEvaluated(flag.key) !== null;
  if (!evaluated && now - instantMs(flag.createdAt) < WEEK_MS) return 'new';
  if (now - notEvaluatedSince(flag, log) >= WEEK_MS) return 'inactive';
  const unchanged = now - instantMs(flag.updatedAt) >= WEEK_MS;
  return flag.enabled && unchanged && servesEverybodyTheSame(flag) ? 'launched' : 'active';
}

/** Since when nobody evaluated the flag, as far as this process can tell: not from before it started. */
function notEvaluatedSince(flag: FlagRecord, log: EvaluationLog): number {
  return log.lastEvaluated(flag.key) ?? Math.max(log.since, instantMs(flag.createdAt));
}
