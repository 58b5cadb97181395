import type {
  ContextValue,
  EvaluationContext,
  EvaluationCount,
  EvaluationSample,
  ExplainedStep,
  FlagDetails,
  FlagExplanation,
  StaleFlag,
} from '@waygate/core';
import { badRequest } from '../http/answer-error.js';
import { isObject } from '../http/body.js';
import { wireTime } from '../http/wire-time.js';

const WELL_KNOWN = ['email', 'ip', 'country', 'app_version'] as const;

/**
 * A context of the wire contract, §3: `{ key, kind, email, ip, country, app_version, attributes }`. Attributes go before the well-known
 * fields, and never replace key and kind.
 * @throws {AnswerError} 400
 */
export function contextInput(value: unknown): EvaluationContext {
  if (value === undefined || value === null) return { targetingKey: 'anonymous' };
  if (!isObject(value)) throw badRequest('Evaluation error: context must be an object');
  const { key = 'anonymous', kind = 'user', attributes = {} } = value;
  if (typeof key !== 'string') throw badRequest('Evaluation error: context.key must be text');
  if (typeof kind !== 'string') throw badRequest('Evaluation error: context.kind must be text');
  if (!isObject(attributes)) throw badRequest('Evaluation error: context.attributes must be an object');
  const known: Record<string, ContextValue> = {};
  for (const field of WELL_KNOWN) {
    const given = value[field];
    if (given === undefined || given === null) continue;
    if (typeof given !== 'string') throw badRequest(`Evaluation error: context.${field} must be text`);
    known[field] = given;
  }
  return { ...known, ...(attributes as Record<string, ContextValue>), kind, targetingKey: key };
}

export function detailsWire(details: FlagDetails) {
  return {
    flag_key: details.flagKey,
    value: details.value,
    variation: details.variation,
    reason: details.reason,
    rule_id: details.ruleId,
    prerequisite_key: details.prerequisiteKey,
    error_message: details.errorMessage ?? null,
  };
}

export function explanationWire({ flagKey, details, steps }: FlagExplanation) {
  return { flag_key: flagKey, details: detailsWire(details), steps: steps.map(stepWire) };
}

export function staleWire({ key, reason, since }: StaleFlag) {
  return { key, reason, since: timeWire(since) };
}

export function countWire({ flag, variation, minute, count }: EvaluationCount) {
  return { flag_key: flag, variation, minute: timeWire(minute), count };
}

export function sampleWire({ at, flag, variation, value, reason, ruleId, targetingKey }: EvaluationSample) {
  return { timestamp: timeWire(at), flag_key: flag, variation, value: value ?? null, reason, rule_id: ruleId, key: targetingKey };
}

function timeWire(at: number): string {
  return wireTime(new Date(at).toISOString());
}

function stepWire(step: ExplainedStep): object {
  switch (step.step) {
    case 'switch':
      return { step: step.step, enabled: step.enabled, switch_back_at: step.switchBackAt };
    case 'prerequisite': {
      const { flagKey, gotReason, ...rest } = step;
      return { ...rest, flag_key: flagKey, got_reason: gotReason };
    }
    case 'targets':
      return { step: step.step, key: step.targetingKey, variation: step.variation };
    case 'rule': {
      const { ruleId, clauses, ...rest } = step;
      return { ...rest, rule_id: ruleId, clauses: clauses.map(({ saw = null, ...clause }) => ({ ...clause, saw })) };
    }
    case 'rollout': {
      const { bucketBy, ...rest } = step;
      return { ...rest, bucket_by: bucketBy };
    }
    default:
      return step;
  }
}
