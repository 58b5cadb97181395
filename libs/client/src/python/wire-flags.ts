import { readFlag, readSegment, ValidationError, type FlagRecord, type SegmentRecord } from '@waygate/core';
import type { FeatureFlag, TargetingRule } from '../wire/flags.js';
import type { Segment } from '../wire/segments.js';

/**
 * A flag as a server of the wire contract tells it. What is planned for later is that server's to do.
 * @returns `null` = it is of a form that cannot be evaluated safely; callers then get their default, as for a flag that is not there
 */
export function flagRecord(wire: FeatureFlag): FlagRecord | null {
  const input = {
    ...wire,
    offVariation: wire.off_variation,
    prerequisites: wire.prerequisites.map(({ flag_key: flagKey, variation }) => ({ flagKey, variation })),
    rules: wire.rules.map(ruleOf),
    scheduledChanges: [],
  };
  return accepted(() => {
    const updatedAt = instant(wire.updated_at);
    const flag = readFlag(input, { now: updatedAt, actor: wire.created_by, before: null });
    return { ...flag, createdAt: instant(wire.created_at) };
  });
}

/** A segment as such a server tells it; `null` = as for a flag. */
export function segmentRecord(wire: Segment): SegmentRecord | null {
  const rules = wire.rules.map((rule, index) => ({ ...rule, id: rule.id ?? `rule-${index + 1}` }));
  return accepted(() => {
    const segment = readSegment({ ...wire, rules }, null, instant(wire.updated_at));
    return { ...segment, createdAt: instant(wire.created_at) };
  });
}

function ruleOf(rule: TargetingRule, index: number): object {
  const { variation, rollout, track_events: trackEvents = false } = rule;
  // A variation comes first there, so that a rollout beside it says nothing.
  return { ...rule, id: rule.id ?? `rule-${index + 1}`, rollout: variation == null ? rollout : null, trackEvents };
}

function accepted<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValidationError) return null;
    throw error;
  }
}

/** Times of flags stand there without a zone: they are UTC. */
export function instant(text: string): string {
  return new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`).toISOString();
}
