import { isDeepStrictEqual } from 'node:util';
import type { InferOutput } from 'valibot';
import { ValidationError } from '../model/errors.js';
import type { Instant } from '../model/time.js';
import { fieldName, read, type Misfit } from '../schema/check.js';
import { flagMisfit } from '../schema/flag-rules.js';
import { flagInput, type FlagRecord, type ProgressiveRollout, type ScheduledChange, type TargetingRule } from '../schema/flag.js';

type ReadFlag = InferOutput<typeof flagInput>;
type ReadRule = ReadFlag['rules'][number];
type PlannedChange = ReadFlag['scheduledChanges'][number];

/** Who writes, when, and what was there before. */
export interface FlagWriting {
  readonly now: Instant;
  readonly actor: string;
  /** As it holds now; `null` = there is none. */
  readonly before: FlagRecord | null;
}

/**
 * Checks a whole definition and fills in what is left out. What the wire contract does not know (client visibility, bucketing, a
 * switch-back, a progressive rollout) stays as it is when it is left out, so that a client that does not know it loses nothing by writing
 * a flag back.
 * @throws {ValidationError} naming the field, e.g. `rules[2].clauses[0].operator`
 */
export function readFlag(value: unknown, writing: FlagWriting): FlagRecord {
  const input = read(flagInput, value, '');
  const { before, now, actor } = writing;
  const { key, enabled, status } = input;
  const flag: FlagRecord = {
    ...input,
    name: input.name ?? key,
    fallthroughBucketing:
      input.fallthroughBucketing === undefined ? (before?.fallthroughBucketing ?? null) : input.fallthroughBucketing,
    switchBackAt: before !== null && before.enabled === enabled ? before.switchBackAt : null,
    rules: input.rules.map((rule) => withBucketing(rule, before?.rules ?? [])),
    scheduledChanges: input.scheduledChanges.map((change) => asPlanned(change, writing)),
    progressiveRollout: null,
    status: status === 'deprecated' || status === 'archived' ? status : 'active',
    clientVisible: input.clientVisible ?? before?.clientVisible ?? false,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    createdBy: before?.createdBy ?? actor,
  };
  const misfit = flagMisfit(flag) ?? overdueMisfit(flag, writing);
  if (misfit !== null) throw new ValidationError(fieldName(misfit.path), misfit.problem);
  return { ...flag, progressiveRollout: keptRollout(before, flag) };
}

/** A rule whose bucketing was left out keeps the one it had. */
function withBucketing({ bucketing, ...rule }: ReadRule, known: readonly TargetingRule[]): TargetingRule {
  const kept = bucketing === undefined ? known.find(({ id }) => id === rule.id)?.bucketing : bucketing;
  return { ...rule, bucketing: kept ?? null };
}

/** Who writes a whole flag back did not plan what was planned before. */
function asPlanned(change: PlannedChange, { before, now, actor }: FlagWriting): ScheduledChange {
  const known = before?.scheduledChanges.find(({ id }) => id === change.id);
  const planned = { createdBy: known?.createdBy ?? actor, createdAt: known?.createdAt ?? now };
  return change.action === 'add_rule'
    ? { ...change, ...planned, payload: withBucketing(change.payload, []) }
    : { ...change, ...planned };
}

function overdueMisfit({ scheduledChanges }: FlagRecord, { before, now }: FlagWriting): Misfit | null {
  const known = new Set(before?.scheduledChanges.map(({ id }) => id));
  const index = scheduledChanges.findIndex(({ id, executeAt }) => !known.has(id) && executeAt <= now);
  const late = scheduledChanges[index];
  return late === undefined
    ? null
    : { path: ['scheduledChanges', index, 'executeAt'], problem: `${late.executeAt} is in the past` };
}

/** A progressive rollout goes on unless what it replaces was written anew, or its variations are gone. */
function keptRollout(before: FlagRecord | null, after: FlagRecord): ProgressiveRollout | null {
  const rollout = before?.progressiveRollout ?? null;
  if (before === null || rollout === null) return null;
  const names = after.variations.map(({ name }) => name);
  if (!names.includes(rollout.variation) || !names.includes(rollout.otherwise)) return null;
  if (rollout.ruleId === null) {
    return isDeepStrictEqual(before.fallthrough, after.fallthrough) ? rollout : null;
  }
  const rule = (flag: FlagRecord) => flag.rules.find(({ id }) => id === rollout.ruleId);
  const [old, young] = [rule(before), rule(after)];
  const same = young !== undefined && young.variation === old?.variation && isDeepStrictEqual(young.rollout, old.rollout);
  return same ? rollout : null;
}
