import type {
  Bucketing,
  BucketingInput,
  FlagInput,
  FlagView,
  ProgressiveRollout,
  RuleClause,
  RuleInput,
  ScheduledChange,
  ScheduledChangeInput,
  SegmentInput,
  SegmentView,
  TargetingRule,
} from '@waygate/core';
import { isObject } from '../http/body.js';
import { wireTime, wireTimeOrNull } from '../http/wire-time.js';

// Flags and segments as they stand on the wire (wire contract, §3, §10), and back. What comes in is only renamed here: the core checks
// it as a whole and names the field that is wrong. Fields nobody knows are left out.

type Fields = Readonly<Record<string, unknown>>;

/** A flag on the wire. Fields behind `created_by` are additions. */
export function flagWire(flag: FlagView) {
  return {
    key: flag.key,
    name: flag.name,
    description: flag.description,
    type: flag.type,
    tags: flag.tags,
    variations: flag.variations,
    off_variation: flag.offVariation,
    fallthrough: flag.fallthrough,
    enabled: flag.enabled,
    prerequisites: flag.prerequisites.map(({ flagKey, variation }) => ({ flag_key: flagKey, variation })),
    targets: flag.targets,
    rules: flag.rules.map(ruleWire),
    scheduled_changes: flag.scheduledChanges.map(scheduledWire),
    status: flag.status,
    temporary: flag.temporary,
    maintainer: flag.maintainer,
    created_at: wireTime(flag.createdAt),
    updated_at: wireTime(flag.updatedAt),
    created_by: flag.createdBy,
    client_visible: flag.clientVisible,
    fallthrough_bucketing: bucketingWire(flag.fallthroughBucketing),
    switch_back_at: wireTimeOrNull(flag.switchBackAt),
    progressive_rollout: flag.progressiveRollout === null ? null : rolloutWire(flag.progressiveRollout),
    revision: flag.revision,
  };
}

export function segmentWire(segment: SegmentView) {
  return {
    key: segment.key,
    name: segment.name,
    description: segment.description,
    included: segment.included,
    excluded: segment.excluded,
    rules: segment.rules,
    tags: segment.tags,
    created_at: wireTime(segment.createdAt),
    updated_at: wireTime(segment.updatedAt),
    revision: segment.revision,
  };
}

/** What a body says of a flag; only the fields that are there, so that it serves for patches too. */
export function flagInput(body: Fields): Partial<FlagInput> {
  return renamed(body, {
    key: 'key',
    name: 'name',
    description: 'description',
    type: 'type',
    tags: 'tags',
    variations: 'variations',
    off_variation: 'offVariation',
    fallthrough: 'fallthrough',
    fallthrough_bucketing: ['fallthroughBucketing', bucketingInput],
    enabled: 'enabled',
    prerequisites: ['prerequisites', eachOf((entry) => renamed(entry, { flag_key: 'flagKey', variation: 'variation' }))],
    targets: 'targets',
    rules: ['rules', eachOf(ruleInput)],
    scheduled_changes: ['scheduledChanges', eachOf(scheduledInput)],
    status: 'status',
    temporary: 'temporary',
    maintainer: 'maintainer',
    client_visible: 'clientVisible',
  });
}

export function segmentInput(body: Fields): SegmentInput {
  return renamed(body, {
    key: 'key',
    name: 'name',
    description: 'description',
    included: 'included',
    excluded: 'excluded',
    rules: ['rules', eachOf(segmentRuleInput)],
    tags: 'tags',
  });
}

export function segmentRuleInput(body: Fields): { readonly id?: string; readonly clauses?: readonly RuleClause[] } {
  return renamed(body, { id: 'id', description: 'description', clauses: 'clauses' });
}

export function scheduledInput(body: Fields): ScheduledChangeInput {
  const action = body['action'];
  const payload = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    if (action === 'add_rule') return ruleInput(value);
    if (action === 'delete_rule') return renamed(value, { rule_id: 'ruleId' });
    return action === 'update_rollout'
      ? renamed(value, { variation: 'variation', rollout: 'rollout', bucketing: ['bucketing', bucketingInput] })
      : {};
  };
  return renamed(body, { id: 'id', execute_at: 'executeAt', action: 'action', payload: ['payload', payload] });
}

function ruleInput(body: Fields): RuleInput {
  return renamed(body, {
    id: 'id',
    description: 'description',
    clauses: 'clauses',
    variation: 'variation',
    rollout: 'rollout',
    bucketing: ['bucketing', bucketingInput],
    track_events: 'trackEvents',
  });
}

function bucketingInput(value: unknown): BucketingInput | null {
  return isObject(value) ? renamed(value, { bucket_by: 'bucketBy', salt: 'salt' }) : (value as null);
}

function ruleWire(rule: TargetingRule) {
  const { id, description, clauses, variation, rollout, bucketing, trackEvents } = rule;
  return {
    id,
    description,
    clauses,
    variation,
    rollout,
    track_events: trackEvents,
    bucketing: bucketingWire(bucketing),
  };
}

function scheduledWire(change: ScheduledChange) {
  return {
    id: change.id,
    execute_at: wireTime(change.executeAt),
    action: change.action,
    payload: payloadWire(change),
    created_by: change.createdBy,
    created_at: wireTime(change.createdAt),
  };
}

function payloadWire(change: ScheduledChange): object {
  if (change.action === 'add_rule') return ruleWire(change.payload);
  if (change.action === 'delete_rule') return { rule_id: change.payload.ruleId };
  if (change.action !== 'update_rollout') return {};
  const { variation, rollout, bucketing } = change.payload;
  return { variation, rollout, bucketing: bucketingWire(bucketing) };
}

function rolloutWire(rollout: ProgressiveRollout) {
  return {
    id: rollout.id,
    variation: rollout.variation,
    otherwise: rollout.otherwise,
    rule_id: rollout.ruleId,
    bucketing: bucketingWire(rollout.bucketing),
    steps: rollout.steps.map(({ weight, after }) => ({ weight, after_ms: after })),
    started_at: wireTime(rollout.startedAt),
    paused_at: wireTimeOrNull(rollout.pausedAt),
    recorded_steps: rollout.recordedSteps,
    created_by: rollout.createdBy,
  };
}

function bucketingWire(bucketing: Bucketing | null) {
  return bucketing === null ? null : { bucket_by: bucketing.bucketBy, salt: bucketing.salt };
}

type Renaming = Readonly<Record<string, string | readonly [name: string, value: (value: unknown) => unknown]>>;

/** An object with other names, of the fields that are there. What it then is, is for the core to check. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it says what the caller makes of what is read
function renamed<T extends object>(body: Fields, names: Renaming): T {
  const entries: [string, unknown][] = [];
  for (const [wire, name] of Object.entries(names)) {
    if (!Object.hasOwn(body, wire)) continue;
    entries.push(typeof name === 'string' ? [name, body[wire]] : [name[0], name[1](body[wire])]);
  }
  return Object.fromEntries(entries) as T;
}

/** Applies to every object of a list; what is no list, or no object, stays for the core to refuse. */
function eachOf(read: (entry: Fields) => object): (value: unknown) => unknown {
  return (value) => (Array.isArray(value) ? value.map((entry: unknown) => (isObject(entry) ? read(entry) : entry)) : value);
}
