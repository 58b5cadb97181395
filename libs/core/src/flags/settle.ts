import type { FlagRecord, ProgressiveRollout, RolloutVariation, ScheduledChange, TargetingRule } from '../schema/flag.js';
import { TOTAL_WEIGHT } from '../schema/flag.js';
import { instantMs } from '../model/time.js';

/** No date is later; what would be due then never comes. */
const LAST_DATE_MS = 8.64e15;

/** One change a flag makes by itself, and how it is before and after. */
export interface Edge {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: 'switch_back' | 'scheduled_change' | 'rollout_step' | 'rollout_end';
  /** For the audit log. */
  readonly what: string;
  readonly before: FlagRecord;
  readonly after: FlagRecord;
}

/** The flag as it is at a moment: everything that fell due by then has happened. The same object where nothing did. */
export function settle(flag: FlagRecord, now: number): FlagRecord {
  let current = flag;
  for (const edge of edges(flag, now)) current = edge.after;
  return current;
}

/** What fell due up to a moment (inclusive), in order of time. */
export function* edges(flag: FlagRecord, now: number): Generator<Edge, void, undefined> {
  let current = flag;
  for (let edge = nextEdge(current); edge !== null && edge.at <= now; edge = nextEdge(current)) {
    yield edge;
    current = edge.after;
  }
}

/** When the flag changes by itself next, in epoch ms; `Infinity` = never. It may lie in the past. */
export function nextDue(flag: FlagRecord): number {
  return Math.min(
    flag.switchBackAt === null ? Infinity : instantMs(flag.switchBackAt),
    earliestChange(flag)?.at ?? Infinity,
    nextStepAt(flag.progressiveRollout),
  );
}

/** The share the growing variation has at a moment. */
function progressiveWeight(rollout: ProgressiveRollout, now: number): number {
  const elapsed = elapsedMs(rollout, now);
  let weight = 0;
  let at = 0;
  for (const step of rollout.steps) {
    at += step.after;
    if (at > elapsed) break;
    weight = step.weight;
  }
  return weight;
}

/** What a progressive rollout serves at a moment, in place of the fallthrough or a rule's outcome. */
export function progressiveShares(rollout: ProgressiveRollout, now: number): readonly RolloutVariation[] {
  const weight = progressiveWeight(rollout, now);
  return [
    { variation: rollout.variation, weight },
    { variation: rollout.otherwise, weight: TOTAL_WEIGHT - weight },
  ];
}

/** How long a progressive rollout has run, pauses apart, in ms. */
export function elapsedMs({ startedAt, pausedAt, pausedMs }: ProgressiveRollout, now: number): number {
  return (pausedAt === null ? now : Math.min(now, instantMs(pausedAt))) - instantMs(startedAt) - pausedMs;
}

/** Puts what a progressive rollout serves for good into the flag, and ends it. */
function concludeRollout(flag: FlagRecord, rollout: ProgressiveRollout, weight: number): FlagRecord {
  const shares = [
    { variation: rollout.variation, weight },
    { variation: rollout.otherwise, weight: TOTAL_WEIGHT - weight },
  ];
  const only = weight === TOTAL_WEIGHT ? rollout.variation : weight === 0 ? rollout.otherwise : null;
  const ended = { ...flag, progressiveRollout: null };
  if (rollout.ruleId === null) {
    return { ...ended, fallthrough: only ?? shares, fallthroughBucketing: only === null ? rollout.bucketing : null };
  }
  const bucketing = only === null ? rollout.bucketing : null;
  return {
    ...ended,
    rules: flag.rules.map((rule) =>
      rule.id === rollout.ruleId ? { ...rule, variation: only, rollout: only === null ? shares : null, bucketing } : rule,
    ),
  };
}

function nextEdge(flag: FlagRecord): Edge | null {
  const at = nextDue(flag);
  if (at > LAST_DATE_MS) return null;
  const updatedAt = new Date(at).toISOString();
  const edge = (kind: Edge['kind'], what: string, after: FlagRecord): Edge => ({
    at,
    kind,
    what,
    before: flag,
    after: { ...after, updatedAt },
  });
  if (flag.switchBackAt !== null && instantMs(flag.switchBackAt) === at) {
    return edge('switch_back', 'switched back as arranged', { ...flag, enabled: !flag.enabled, switchBackAt: null });
  }
  const due = earliestChange(flag);
  if (due?.at === at) {
    const rest = flag.scheduledChanges.filter(({ id }) => id !== due.change.id);
    return edge(
      'scheduled_change',
      `scheduled change ${due.change.action}`,
      applyChange({ ...flag, scheduledChanges: rest }, due.change),
    );
  }
  return rolloutEdge(flag, edge);
}

function rolloutEdge(flag: FlagRecord, edge: (kind: Edge['kind'], what: string, after: FlagRecord) => Edge): Edge | null {
  const rollout = flag.progressiveRollout;
  const step = rollout?.steps[rollout.recordedSteps];
  if (rollout === null || step === undefined) return null;
  const recordedSteps = rollout.recordedSteps + 1;
  const what = `'${rollout.variation}' is at ${(step.weight * 100) / TOTAL_WEIGHT} %`;
  if (recordedSteps === rollout.steps.length) return edge('rollout_end', what, concludeRollout(flag, rollout, step.weight));
  return edge('rollout_step', what, { ...flag, progressiveRollout: { ...rollout, recordedSteps } });
}

/** When the first step that was not recorded yet is reached; never while it is paused. */
function nextStepAt(rollout: ProgressiveRollout | null): number {
  if (rollout === null || rollout.recordedSteps >= rollout.steps.length) return Infinity;
  let at = instantMs(rollout.startedAt) + rollout.pausedMs;
  for (let i = 0; i <= rollout.recordedSteps; i++) at += rollout.steps[i]?.after ?? 0;
  return rollout.pausedAt !== null && instantMs(rollout.pausedAt) < at ? Infinity : at;
}

function earliestChange({ scheduledChanges }: FlagRecord): { readonly change: ScheduledChange; readonly at: number } | null {
  let earliest: { change: ScheduledChange; at: number } | null = null;
  for (const change of scheduledChanges) {
    const at = instantMs(change.executeAt);
    if (earliest === null || at < earliest.at) earliest = { change, at };
  }
  return earliest;
}

/** What a scheduled change makes of a flag. One that no longer applies (its rule is gone) changes nothing. */
function applyChange(flag: FlagRecord, change: ScheduledChange): FlagRecord {
  switch (change.action) {
    case 'enable':
      return { ...flag, enabled: true, switchBackAt: null };
    case 'disable':
      return { ...flag, enabled: false, switchBackAt: null };
    case 'update_rollout': {
      const { variation, rollout, bucketing } = change.payload;
      const progressiveRollout = flag.progressiveRollout?.ruleId === null ? null : flag.progressiveRollout;
      return {
        ...flag,
        fallthrough: variation ?? rollout ?? flag.fallthrough,
        fallthroughBucketing: variation === null ? bucketing : null,
        progressiveRollout,
      };
    }
    case 'add_rule':
      return { ...flag, rules: withRule(flag.rules, change.payload) };
    case 'delete_rule': {
      const { ruleId } = change.payload;
      const progressiveRollout = flag.progressiveRollout?.ruleId === ruleId ? null : flag.progressiveRollout;
      return { ...flag, rules: flag.rules.filter(({ id }) => id !== ruleId), progressiveRollout };
    }
  }
}

/** A rule with the id of another takes its place. */
function withRule(rules: readonly TargetingRule[], rule: TargetingRule): readonly TargetingRule[] {
  return rules.some(({ id }) => id === rule.id) ? rules.map((each) => (each.id === rule.id ? rule : each)) : [...rules, rule];
}
