import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ValidationError } from '../model/errors.js';
import {
  FLAG_TYPES,
  TOTAL_WEIGHT,
  type Bucketing,
  type FlagRecord,
  type FlagStatus,
  type FlagType,
  type FlagValue,
  type FlagVariation,
  type Prerequisite,
  type ProgressiveRollout,
  type RolloutVariation,
  type ScheduledChange,
  type TargetingRule,
} from '../model/flag.js';
import { instantMs, toInstant, type Instant, type InstantInput } from '../model/time.js';
import { readClauses } from './read-clause.js';
import {
  checkUnique,
  readBoolean,
  readChoice,
  readInteger,
  readJson,
  readKey,
  readList,
  readMembers,
  readName,
  readObject,
  readText,
  type Input,
} from './read-input.js';
import { MAX_MEMBERS, readTags } from './read-segment.js';

/** Who writes, when, and what was there before. */
export interface FlagWriting {
  readonly now: Instant;
  readonly actor: string;
  /** As it holds now; `null` = there is none. */
  readonly before: FlagRecord | null;
}

const MAX_VARIATIONS = 100;
const MAX_RULES = 200;
const MAX_PREREQUISITES = 20;
const MAX_CHANGES = 100;
const TAKEN_KEYS = ['counts', 'evaluations', 'explain', 'new', 'stale'];

/**
 * Reads and checks a whole definition. What the wire contract does not know (client visibility, bucketing, a switch-back, a progressive
 * rollout) stays as it is when it is left out, so that a client which does not know of it loses nothing by writing a flag back.
 * @throws {ValidationError} naming the field, e.g. `rules[2].clauses[0].operator`
 */
export function readFlag(value: unknown, writing: FlagWriting): FlagRecord {
  const input = readObject(value, 'flag');
  const { before, now } = writing;
  const key = readKey(input['key'], 'key', TAKEN_KEYS);
  const type = readChoice(input['type'], 'type', FLAG_TYPES);
  const variations = readVariations(input['variations'], type);
  const names = variations.map(({ name }) => name);
  const enabled = readBoolean(input['enabled'], 'enabled', true);
  const rules = readRules(input['rules'], names, before?.rules ?? []);
  const flag: FlagRecord = {
    key,
    name: readText(input['name'], 'name', { fallback: key }),
    description: readText(input['description'], 'description', { fallback: '', max: 2_000 }),
    type,
    tags: readTags(input['tags']),
    variations,
    offVariation: readVariationName(input['offVariation'], 'offVariation', names),
    fallthrough: readFallthrough(input['fallthrough'], names),
    fallthroughBucketing: readBucketing(input['fallthroughBucketing'], 'fallthroughBucketing', before?.fallthroughBucketing),
    enabled,
    switchBackAt: before !== null && before.enabled === enabled ? before.switchBackAt : null,
    prerequisites: readPrerequisites(input['prerequisites'], key),
    targets: readTargets(input['targets'], names),
    rules,
    scheduledChanges: readScheduledChanges(input['scheduledChanges'], names, rules, writing),
    progressiveRollout: null,
    status: readStatus(input['status']),
    temporary: readBoolean(input['temporary'], 'temporary', true),
    maintainer: input['maintainer'] == null ? null : readText(input['maintainer'], 'maintainer'),
    clientVisible: readBoolean(input['clientVisible'], 'clientVisible', before?.clientVisible ?? false),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    createdBy: before?.createdBy ?? writing.actor,
  };
  return { ...flag, progressiveRollout: keptRollout(before, flag) };
}

/** @throws {ValidationError} */
function readRule(value: unknown, field: string, names: readonly string[], known: readonly TargetingRule[]): TargetingRule {
  const input = readObject(value, field);
  const id = input['id'] === undefined ? randomUUID() : readName(input['id'], `${field}.id`);
  const variation = input['variation'] == null ? null : readVariationName(input['variation'], `${field}.variation`, names);
  return {
    id,
    description: readText(input['description'], `${field}.description`, { fallback: '', max: 2_000 }),
    clauses: readClauses(input['clauses'], `${field}.clauses`),
    variation,
    rollout: input['rollout'] == null ? null : readShares(input['rollout'], `${field}.rollout`, names, true),
    bucketing: readBucketing(input['bucketing'], `${field}.bucketing`, known.find((rule) => rule.id === id)?.bucketing),
    trackEvents: readBoolean(input['trackEvents'], `${field}.trackEvents`, false),
  };
}

/** @throws {ValidationError} unless a variation of this name exists */
export function readVariationName(value: unknown, field: string, names: readonly string[]): string {
  const name = readText(value, field);
  if (!names.includes(name)) {
    throw new ValidationError(field, `'${name}' does not match any variation name. There are ${names.join(', ')}`);
  }
  return name;
}

/** @throws {ValidationError} */
export function readBucketing(value: unknown, field: string, known: Bucketing | null = null): Bucketing | null {
  if (value === undefined) return known;
  if (value === null) return null;
  const input = readObject(value, field);
  const bucketBy = input['bucketBy'] == null ? null : readName(input['bucketBy'], `${field}.bucketBy`);
  const salt = input['salt'] == null ? null : readText(input['salt'], `${field}.salt`);
  return bucketBy === null && salt === null ? null : { bucketBy, salt };
}

/** @throws {ValidationError} */
function readScheduledChange(
  value: unknown,
  field: string,
  names: readonly string[],
  { now, actor, before }: FlagWriting,
): ScheduledChange {
  const input = readObject(value, field);
  const action = readChoice(input['action'], `${field}.action`, [
    'enable',
    'disable',
    'update_rollout',
    'add_rule',
    'delete_rule',
  ] as const);
  const id = input['id'] === undefined ? randomUUID() : readName(input['id'], `${field}.id`);
  // Who writes a whole flag back did not plan what was planned before.
  const known = before?.scheduledChanges.find((change) => change.id === id);
  const base = {
    id,
    executeAt: toInstant(input['executeAt'] as InstantInput, `${field}.executeAt`),
    createdBy: known?.createdBy ?? actor,
    createdAt: known?.createdAt ?? now,
  };
  const at = `${field}.payload`;
  const payload = readObject(input['payload'] ?? {}, at);
  switch (action) {
    case 'enable':
    case 'disable':
      return { ...base, action, payload: {} };
    case 'add_rule':
      return { ...base, action, payload: readRule(payload, at, names, []) };
    case 'delete_rule':
      return { ...base, action, payload: { ruleId: readName(payload['ruleId'], `${at}.ruleId`) } };
    case 'update_rollout':
      return { ...base, action, payload: readNewFallthrough(payload, at, names) };
  }
}

function readNewFallthrough(payload: Input, field: string, names: readonly string[]) {
  const { variation, rollout } = payload;
  if ((variation == null) === (rollout == null)) {
    throw new ValidationError(field, "give either 'variation' or 'rollout'");
  }
  return {
    variation: variation == null ? null : readVariationName(variation, `${field}.variation`, names),
    rollout: rollout == null ? null : readShares(rollout, `${field}.rollout`, names, false),
    bucketing: readBucketing(payload['bucketing'], `${field}.bucketing`),
  };
}

function readVariations(value: unknown, type: FlagType): readonly FlagVariation[] {
  const variations = readList(value, 'variations', MAX_VARIATIONS, (entry, at) => {
    const input = readObject(entry, at);
    return {
      name: readName(input['name'], `${at}.name`),
      value: readValue(input['value'], type, `${at}.value`),
      description: readText(input['description'], `${at}.description`, { fallback: '', max: 2_000 }),
    };
  });
  if (variations.length < 2) throw new ValidationError('variations', 'must be at least two');
  checkUnique(
    variations.map(({ name }) => name),
    (index) => `variations[${index}].name`,
  );
  return variations;
}

function readValue(value: unknown, type: FlagType, field: string): FlagValue {
  const holds: Record<FlagType, () => boolean> = {
    boolean: () => typeof value === 'boolean',
    string: () => typeof value === 'string',
    integer: () => Number.isSafeInteger(value),
    float: () => Number.isFinite(value),
    json: () => typeof value === 'object' && value !== null,
  };
  if (!holds[type]()) {
    const what = {
      boolean: 'true or false',
      string: 'text',
      integer: 'a whole number',
      float: 'a number',
      json: 'an object or a list',
    };
    throw new ValidationError(field, `must be ${what[type]}, as the flag's type is ${type}`);
  }
  return readJson(value, field) as FlagValue;
}

function readFallthrough(value: unknown, names: readonly string[]): string | readonly RolloutVariation[] {
  return Array.isArray(value) ? readShares(value, 'fallthrough', names, false) : readVariationName(value, 'fallthrough', names);
}

function readShares(value: unknown, field: string, names: readonly string[], mayBeEmpty: boolean): readonly RolloutVariation[] {
  const shares = readList(value, field, MAX_VARIATIONS, (entry, at) => {
    const input = readObject(entry, at);
    return {
      variation: readVariationName(input['variation'], `${at}.variation`, names),
      weight: readInteger(input['weight'], `${at}.weight`, 0, TOTAL_WEIGHT),
    };
  });
  if (shares.length === 0 && mayBeEmpty) return shares;
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  if (sum !== TOTAL_WEIGHT) {
    throw new ValidationError(field, `the weights add up to ${sum}; they must add up to ${TOTAL_WEIGHT} (100 %)`);
  }
  return shares;
}

function readPrerequisites(value: unknown, own: string): readonly Prerequisite[] {
  const prerequisites = readList(value, 'prerequisites', MAX_PREREQUISITES, (entry, at) => {
    const input = readObject(entry, at);
    const flagKey = readKey(input['flagKey'], `${at}.flagKey`);
    if (flagKey === own) throw new ValidationError(`${at}.flagKey`, 'a flag cannot be its own prerequisite');
    return { flagKey, variation: readName(input['variation'], `${at}.variation`) };
  });
  checkUnique(
    prerequisites.map(({ flagKey }) => flagKey),
    (index) => `prerequisites[${index}].flagKey`,
  );
  return prerequisites;
}

function readTargets(value: unknown, names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  if (value === undefined) return {};
  const targets = Object.entries(readObject(value, 'targets')).map(([variation, keys]) => {
    readVariationName(variation, `targets.${variation}`, names);
    return [variation, readMembers(keys, `targets.${variation}`, MAX_MEMBERS)] as const;
  });
  return Object.fromEntries(targets);
}

function readRules(value: unknown, names: readonly string[], known: readonly TargetingRule[]): readonly TargetingRule[] {
  const rules = readList(value, 'rules', MAX_RULES, (entry, at) => readRule(entry, at, names, known));
  checkUnique(
    rules.map(({ id }) => id),
    (index) => `rules[${index}].id`,
  );
  return rules;
}

function readScheduledChanges(
  value: unknown,
  names: readonly string[],
  rules: readonly TargetingRule[],
  writing: FlagWriting,
): readonly ScheduledChange[] {
  const known = new Set(writing.before?.scheduledChanges.map(({ id }) => id));
  const changes = readList(value, 'scheduledChanges', MAX_CHANGES, (entry, at) => {
    const change = readScheduledChange(entry, at, names, writing);
    if (!known.has(change.id) && change.executeAt <= writing.now) {
      throw new ValidationError(`${at}.executeAt`, `${change.executeAt} is over already`);
    }
    return change;
  });
  checkUnique(
    changes.map(({ id }) => id),
    (index) => `scheduledChanges[${index}].id`,
  );
  checkDeletions(changes, rules);
  return changes;
}

/** Every rule that is to be deleted exists, or is added before. */
function checkDeletions(changes: readonly ScheduledChange[], rules: readonly TargetingRule[]): void {
  changes.forEach((change, index) => {
    if (change.action !== 'delete_rule') return;
    const { ruleId } = change.payload;
    const added = changes.some(
      (other) =>
        other.action === 'add_rule' && other.payload.id === ruleId && instantMs(other.executeAt) <= instantMs(change.executeAt),
    );
    if (!added && !rules.some(({ id }) => id === ruleId)) {
      throw new ValidationError(`scheduledChanges[${index}].payload.ruleId`, `the flag has no rule '${ruleId}'`);
    }
  });
}

function readStatus(value: unknown): FlagRecord['status'] {
  if (value === undefined) return 'active';
  const status = readChoice<FlagStatus>(value, 'status', ['new', 'active', 'launched', 'inactive', 'deprecated', 'archived']);
  return status === 'deprecated' || status === 'archived' ? status : 'active';
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
