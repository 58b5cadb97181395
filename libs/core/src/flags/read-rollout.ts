import { randomUUID } from 'node:crypto';
import { ValidationError } from '../model/errors.js';
import { TOTAL_WEIGHT, type FlagRecord, type ProgressiveRollout, type ProgressiveStep } from '../model/flag.js';
import { toDuration, type DurationInput, type Instant } from '../model/time.js';
import { readBucketing, readVariationName } from './read-flag.js';
import { readInteger, readList, readObject } from './read-input.js';

/** A progressive rollout as callers write it. */
export interface ProgressiveRolloutInput {
  /** The growing variation. */
  readonly variation: string;
  /** What everybody else gets. Default: the fallthrough, or the rule's variation, where that is a single one. */
  readonly otherwise?: string;
  /** Rule whose outcome is replaced. Default: the fallthrough is. */
  readonly ruleId?: string;
  /** At least one; at most 100. */
  readonly steps: readonly {
    /** Share from this step on, in 1/100 000. Does not fall from step to step. */
    readonly weight: number;
    /** How long after the step before, or after the start; 0 or nothing = at once. */
    readonly after?: DurationInput;
  }[];
  /** Attribute whose value is hashed. Default: the targeting key. */
  readonly bucketBy?: string;
  readonly salt?: string;
}

const MAX_STEPS = 100;

/** A rollout that starts now. @throws {ValidationError} */
export function readRollout(input: ProgressiveRolloutInput, flag: FlagRecord, now: Instant, actor: string): ProgressiveRollout {
  const names = flag.variations.map(({ name }) => name);
  const variation = readVariationName(input.variation, 'variation', names);
  const rule = input.ruleId === undefined ? null : flag.rules.find(({ id }) => id === input.ruleId);
  if (rule === undefined) throw new ValidationError('ruleId', `the flag has no rule '${String(input.ruleId)}'`);
  const replaced = rule === null ? flag.fallthrough : rule.variation;
  const otherwise = input.otherwise ?? (typeof replaced === 'string' ? replaced : undefined);
  if (otherwise === undefined) throw new ValidationError('otherwise', 'name the variation that everybody else gets');
  readVariationName(otherwise, 'otherwise', names);
  if (otherwise === variation) throw new ValidationError('otherwise', `must differ from the growing variation '${variation}'`);
  return {
    id: randomUUID(),
    variation,
    otherwise,
    ruleId: rule?.id ?? null,
    bucketing: readBucketing({ bucketBy: input.bucketBy, salt: input.salt }, 'rollout'),
    steps: readSteps(input.steps),
    startedAt: now,
    pausedAt: null,
    pausedMs: 0,
    recordedSteps: 0,
    createdBy: actor,
  };
}

function readSteps(value: unknown): readonly ProgressiveStep[] {
  const steps = readList(value, 'steps', MAX_STEPS, (entry, at) => {
    const { weight, after } = readObject(entry, at);
    return {
      weight: readInteger(weight, `${at}.weight`, 0, TOTAL_WEIGHT),
      after: after === undefined || after === 0 ? 0 : toDuration(after as DurationInput, `${at}.after`),
    };
  });
  if (steps.length === 0) throw new ValidationError('steps', 'must be at least one');
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    if (before !== undefined && step.weight < before.weight) {
      throw new ValidationError(`steps[${index}].weight`, `must not be less than that of the step before (${before.weight})`);
    }
  });
  return steps;
}
