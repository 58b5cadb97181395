import { randomUUID } from 'node:crypto';
import { ValidationError } from '../model/errors.js';
import type { Instant } from '../model/time.js';
import { fieldName, read } from '../schema/check.js';
import { variationMisfit } from '../schema/flag-rules.js';
import {
  bucketingInput,
  progressiveRolloutInput,
  type FlagRecord,
  type ProgressiveRollout,
  type ProgressiveRolloutInput,
} from '../schema/flag.js';

/** A rollout that starts now. @throws {ValidationError} */
export function readRollout(given: ProgressiveRolloutInput, flag: FlagRecord, now: Instant, actor: string): ProgressiveRollout {
  const input = read(progressiveRolloutInput, given, '');
  const names = flag.variations.map(({ name }) => name);
  const { variation } = input;
  const rule = input.ruleId === undefined ? null : flag.rules.find(({ id }) => id === input.ruleId);
  if (rule === undefined) throw new ValidationError('ruleId', `the flag has no rule '${String(input.ruleId)}'`);
  const replaced = rule === null ? flag.fallthrough : rule.variation;
  const otherwise = input.otherwise ?? (typeof replaced === 'string' ? replaced : undefined);
  if (otherwise === undefined) throw new ValidationError('otherwise', 'name the variation that all other callers get');
  const misfit = variationMisfit(variation, ['variation'], names) ?? variationMisfit(otherwise, ['otherwise'], names);
  if (misfit !== null) throw new ValidationError(fieldName(misfit.path), misfit.problem);
  if (otherwise === variation) throw new ValidationError('otherwise', `must differ from the growing variation '${variation}'`);
  return {
    id: randomUUID(),
    variation,
    otherwise,
    ruleId: rule?.id ?? null,
    bucketing: read(bucketingInput, { bucketBy: input.bucketBy, salt: input.salt }, 'rollout'),
    steps: input.steps,
    startedAt: now,
    pausedAt: null,
    pausedMs: 0,
    recordedSteps: 0,
    createdBy: actor,
  };
}
