import { CLAUSE_OPERATORS, type RuleClause } from '../../model/clause.js';
import {
  FLAG_TYPES,
  TOTAL_WEIGHT,
  type Bucketing,
  type FlagRecord,
  type FlagType,
  type FlagVariation,
  type Prerequisite,
  type ProgressiveRollout,
  type ProgressiveStep,
  type RolloutVariation,
  type ScheduledChange,
  type TargetingRule,
} from '../../model/flag.js';
import type { SegmentRecord, SegmentRule } from '../../model/segment.js';
import {
  amount,
  both,
  first,
  flag,
  instant,
  isObject,
  listOf,
  nullOr,
  object,
  oneOf,
  simple,
  tableOf,
  text,
  wholeUpTo,
  type Check,
  type MembersOf,
} from './shape.js';

/** What values of a type are called, and how they are told. */
const VALUES: Readonly<Record<FlagType, readonly [what: string, holds: (value: unknown) => boolean]>> = {
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  string: ['text', (value) => typeof value === 'string'],
  integer: ['a whole number', (value) => Number.isSafeInteger(value)],
  float: ['a number', (value) => Number.isFinite(value)],
  json: ['an object or a list', (value) => typeof value === 'object' && value !== null],
};

const clauses = listOf(
  object({
    attribute: text,
    operator: oneOf(...CLAUSE_OPERATORS),
    values: listOf(simple('must be there', (value) => value !== undefined)),
    negate: flag,
  } satisfies MembersOf<RuleClause>),
);

const bucketing = nullOr(object({ bucketBy: nullOr(text), salt: nullOr(text) } satisfies MembersOf<Bucketing>));

/** The checks of what names variations. */
function named(names: readonly string[]) {
  const variation = both(text, oneOf(...names));
  const shares = listOf(
    object({
      variation,
      weight: wholeUpTo(TOTAL_WEIGHT),
    } satisfies MembersOf<RolloutVariation>),
  );
  const rollout = both(
    shares,
    simple(`must have weights that add up to ${TOTAL_WEIGHT} (100 %)`, (value) => sumOf(value) === TOTAL_WEIGHT),
  );
  // Together with a variation, or with nothing to serve, a rollout may be empty.
  const outcome: Check = (value, path) => (Array.isArray(value) && value.length === 0 ? null : rollout(value, path));
  const rule = object({
    id: text,
    clauses,
    variation: nullOr(variation),
    rollout: nullOr(outcome),
    bucketing,
    trackEvents: flag,
  } satisfies MembersOf<TargetingRule>);
  const fallthrough: Check = (value, path) => (Array.isArray(value) ? rollout : variation)(value, path);
  return { variation, rollout, rule, fallthrough };
}

const step = object({
  weight: wholeUpTo(TOTAL_WEIGHT),
  after: amount,
} satisfies MembersOf<ProgressiveStep>);

/** What has to be known before anything else can be checked. */
const head = object({
  key: text,
  type: oneOf(...FLAG_TYPES),
  variations: both(
    listOf(
      object({ name: text, value: simple('must not be null', (value) => value != null) } satisfies MembersOf<FlagVariation>),
    ),
    simple('must be at least two', (value) => Array.isArray(value) && value.length > 1),
  ),
} satisfies MembersOf<FlagRecord>);

const body: Check = (value, path) => {
  const { type, variations } = value as Pick<FlagRecord, 'type' | 'variations'>;
  const [what, holds] = VALUES[type];
  const { variation, rollout, rule, fallthrough } = named(variations.map(({ name }) => name));
  const planned = object({
    id: text,
    executeAt: instant,
    action: oneOf('enable', 'disable', 'update_rollout', 'add_rule', 'delete_rule'),
    payload: object({}),
    createdBy: text,
    createdAt: instant,
  } satisfies MembersOf<ScheduledChange>);
  const payloads: Readonly<Record<string, Check>> = {
    update_rollout: object({ variation: nullOr(variation), rollout: nullOr(rollout), bucketing }),
    add_rule: rule,
    delete_rule: object({ ruleId: text }),
  };
  const change = both(planned, (given, at) => {
    const { action, payload } = given as ScheduledChange;
    return payloads[action]?.(payload, [...at, 'payload']) ?? null;
  });
  return object({
    name: text,
    tags: listOf(text),
    variations: listOf(object({ value: simple(`must be ${what}, as the flag's type is ${type}`, holds) })),
    offVariation: variation,
    fallthrough,
    fallthroughBucketing: bucketing,
    enabled: flag,
    switchBackAt: nullOr(instant),
    prerequisites: listOf(object({ flagKey: text, variation: text } satisfies MembersOf<Prerequisite>)),
    targets: tableOf(variation, listOf(text)),
    rules: listOf(rule),
    scheduledChanges: listOf(change),
    progressiveRollout: nullOr(
      object({
        id: text,
        variation,
        otherwise: variation,
        ruleId: nullOr(text),
        bucketing,
        steps: listOf(step),
        startedAt: instant,
        pausedAt: nullOr(instant),
        pausedMs: amount,
        recordedSteps: amount,
      } satisfies MembersOf<ProgressiveRollout>),
    ),
    status: oneOf('active', 'deprecated', 'archived'),
    temporary: flag,
    maintainer: nullOr(text),
    clientVisible: flag,
    createdAt: instant,
    updatedAt: instant,
  } satisfies MembersOf<FlagRecord>)(value, path);
};

/** A flag; with the names in it, as a variation that is not there is the likeliest mistake of a hand. */
export const flagShape: Check = (value, path) => first([() => head(value, path), () => body(value, path)]);

export const segmentShape = object({
  key: text,
  name: text,
  included: listOf(text),
  excluded: listOf(text),
  rules: listOf(object({ id: text, clauses } satisfies MembersOf<SegmentRule>)),
  tags: listOf(text),
  createdAt: instant,
  updatedAt: instant,
} satisfies MembersOf<SegmentRecord>);

function sumOf(shares: unknown): number {
  if (!Array.isArray(shares)) return NaN;
  return shares.reduce<number>((sum, share) => sum + (isObject(share) ? Number(share['weight']) : NaN), 0);
}
