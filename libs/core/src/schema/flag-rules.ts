import * as v from 'valibot';
import { instantMs } from '../model/time.js';
import { rule, type Misfit } from './check.js';
import { duplicateIn, firstOf, quoted } from './fields.js';
import {
  flagShape,
  TOTAL_WEIGHT,
  type FlagRecord,
  type FlagType,
  type FlagVariation,
  type ProgressiveRollout,
  type RolloutVariation,
  type ScheduledChange,
  type TargetingRule,
} from './flag.js';

type Path = Misfit['path'];
type Checks = readonly (() => Misfit | null)[];

/** What values of a type are called, and how they are recognized. */
const VALUES: Readonly<Record<FlagType, readonly [what: string, isValue: (value: unknown) => boolean]>> = {
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  string: ['text', (value) => typeof value === 'string'],
  integer: ['a whole number', Number.isSafeInteger],
  float: ['a number', Number.isFinite],
  json: ['an object or a list', (value) => typeof value === 'object' && value !== null],
};

/** The first contradiction between members of a flag, e.g. a variation that does not exist; `null` = there is none. */
export function flagMisfit(flag: FlagRecord): Misfit | null {
  const names = flag.variations.map(({ name }) => name);
  const { fallthrough } = flag;
  return firstMisfit([
    () => duplicateIn(names, (index) => ['variations', index, 'name']),
    () => firstOf(flag.variations.entries(), ([index, variation]) => valueMisfit(flag.type, variation, ['variations', index])),
    () => variationMisfit(flag.offVariation, ['offVariation'], names),
    () =>
      typeof fallthrough === 'string'
        ? variationMisfit(fallthrough, ['fallthrough'], names)
        : sharesMisfit(fallthrough, ['fallthrough'], names),
    () => prerequisitesMisfit(flag),
    () => firstOf(Object.keys(flag.targets), (variation) => variationMisfit(variation, ['targets', variation], names)),
    () => rulesMisfit(flag.rules, names),
    () => scheduledChangesMisfit(flag, names),
    () => (flag.progressiveRollout === null ? null : rolloutMisfit(flag.progressiveRollout, names)),
  ]);
}

/** A feature flag as it is stored, with the rules among its members. */
export const flagRecord = v.pipe(flagShape, rule(flagMisfit));

/** The problem with the name of a variation; `null` = the flag has it. */
export function variationMisfit(variation: string, path: Path, names: readonly string[]): Misfit | null {
  if (names.includes(variation)) return null;
  return { path, problem: `${quoted(variation)} does not match any variation name. There are ${names.join(', ')}` };
}

function valueMisfit(type: FlagType, { value }: FlagVariation, path: Path): Misfit | null {
  const [what, isValue] = VALUES[type];
  return isValue(value) ? null : { path: [...path, 'value'], problem: `must be ${what}, as the flag's type is ${type}` };
}

function sharesMisfit(shares: readonly RolloutVariation[], path: Path, names: readonly string[]): Misfit | null {
  const unknown = firstOf(shares.entries(), ([index, { variation }]) =>
    variationMisfit(variation, [...path, index, 'variation'], names),
  );
  if (unknown !== null) return unknown;
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  if (sum === TOTAL_WEIGHT) return null;
  return { path, problem: `the weights add up to ${sum}; they must add up to ${TOTAL_WEIGHT} (100 %)` };
}

function prerequisitesMisfit({ key, prerequisites }: FlagRecord): Misfit | null {
  const own = prerequisites.findIndex(({ flagKey }) => flagKey === key);
  if (own !== -1) return { path: ['prerequisites', own, 'flagKey'], problem: 'a flag cannot be its own prerequisite' };
  return duplicateIn(
    prerequisites.map(({ flagKey }) => flagKey),
    (index) => ['prerequisites', index, 'flagKey'],
  );
}

function rulesMisfit(rules: readonly TargetingRule[], names: readonly string[]): Misfit | null {
  return (
    firstOf(rules.entries(), ([index, rule]) => ruleMisfit(rule, ['rules', index], names)) ??
    duplicateIn(
      rules.map(({ id }) => id),
      (index) => ['rules', index, 'id'],
    )
  );
}

function ruleMisfit({ variation, rollout }: TargetingRule, path: Path, names: readonly string[]): Misfit | null {
  const unknown = variation === null ? null : variationMisfit(variation, [...path, 'variation'], names);
  // Together with a variation, or with nothing to serve, a rollout may be empty.
  if (unknown !== null || rollout === null || rollout.length === 0) return unknown;
  return sharesMisfit(rollout, [...path, 'rollout'], names);
}

function scheduledChangesMisfit({ scheduledChanges, rules }: FlagRecord, names: readonly string[]): Misfit | null {
  return firstMisfit([
    () =>
      firstOf(scheduledChanges.entries(), ([index, change]) =>
        payloadMisfit(change, ['scheduledChanges', index, 'payload'], names),
      ),
    () =>
      duplicateIn(
        scheduledChanges.map(({ id }) => id),
        (index) => ['scheduledChanges', index, 'id'],
      ),
    () =>
      firstOf(scheduledChanges.entries(), ([index, change]) => {
        if (change.action !== 'delete_rule' || ruleExists(change, scheduledChanges, rules)) return null;
        return {
          path: ['scheduledChanges', index, 'payload', 'ruleId'],
          problem: `the flag has no rule '${change.payload.ruleId}'`,
        };
      }),
  ]);
}

function payloadMisfit(change: ScheduledChange, path: Path, names: readonly string[]): Misfit | null {
  if (change.action === 'add_rule') return ruleMisfit(change.payload, path, names);
  if (change.action !== 'update_rollout') return null;
  const { variation, rollout } = change.payload;
  if (variation !== null && rollout === null) return variationMisfit(variation, [...path, 'variation'], names);
  if (variation === null && rollout !== null) return sharesMisfit(rollout, [...path, 'rollout'], names);
  return { path, problem: "give either 'variation' or 'rollout'" };
}

/** Whether a rule that is to be deleted exists, or is added before. */
function ruleExists(
  { payload: { ruleId }, executeAt }: Extract<ScheduledChange, { readonly action: 'delete_rule' }>,
  changes: readonly ScheduledChange[],
  rules: readonly TargetingRule[],
): boolean {
  const isAdded = changes.some(
    (other) => other.action === 'add_rule' && other.payload.id === ruleId && instantMs(other.executeAt) <= instantMs(executeAt),
  );
  return isAdded || rules.some(({ id }) => id === ruleId);
}

function rolloutMisfit({ variation, otherwise }: ProgressiveRollout, names: readonly string[]): Misfit | null {
  return (
    variationMisfit(variation, ['progressiveRollout', 'variation'], names) ??
    variationMisfit(otherwise, ['progressiveRollout', 'otherwise'], names)
  );
}

function firstMisfit(checks: Checks): Misfit | null {
  return firstOf(checks, (check) => check());
}
