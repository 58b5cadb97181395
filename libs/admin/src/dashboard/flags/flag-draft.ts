import {
  TOTAL_WEIGHT,
  type FlagView,
  type FlagInput,
  type FlagType,
  type FlagValue,
  type RolloutVariation,
  type RuleInput,
} from '@waygate/core';
import { badRequest } from '../admin/surface.js';
import { readClauses, sectionsOf, valueIn, type Section } from '../clauses/read-clauses.js';
import { listOf } from '../ui/form.js';

/** What the targeting form changes. */
export type Targeting = Required<Pick<FlagInput, 'rules' | 'targets' | 'fallthrough' | 'offVariation'>>;

/**
 * Reads the targeting form, field after field: a field `rule` begins a rule, `clause` one of its conditions, `fallthrough` what everybody
 * else gets, `target` the callers of a variation. So rules can be moved and removed in the browser without numbering anything.
 */
export function readTargeting(fields: URLSearchParams, before: Pick<FlagView, 'rules' | 'fallthrough'>): Targeting {
  const rules: RuleInput[] = [];
  const targets: Record<string, readonly string[]> = {};
  let fallthrough: Targeting['fallthrough'] = before.fallthrough;
  let offVariation = '';
  for (const section of sectionsOf(fields, ['rule', 'fallthrough', 'target', 'off'])) {
    if (section.marker === 'rule') rules.push(readRule(section, before.rules));
    else if (section.marker === 'fallthrough') fallthrough = readServe(section.fields) ?? fallthrough;
    else if (section.marker === 'off') offVariation = section.value;
    else {
      const keys = listOf(valueIn(section.fields, 'target_keys'));
      if (keys.length > 0) targets[section.value] = keys;
    }
  }
  return { rules, targets, fallthrough, offVariation };
}

function readRule({ value: id, fields }: Section, known: FlagView['rules']): RuleInput {
  const before = known.find((rule) => rule.id === id);
  const served = readServe(fields);
  return {
    ...(id === '' ? {} : { id }),
    ...(before === undefined ? {} : { bucketing: before.bucketing, trackEvents: before.trackEvents }),
    description: valueIn(fields, 'rule_description'),
    clauses: readClauses(fields),
    variation: typeof served === 'string' ? served : null,
    rollout: served === null ? [] : typeof served === 'string' ? null : served,
  };
}

/** A variation, a rollout, or `null` = what the fallthrough serves. */
function readServe(fields: Section['fields']): string | readonly RolloutVariation[] | null {
  const serve = valueIn(fields, 'serve');
  if (serve === '') return null;
  if (serve !== '%') return serve;
  return sectionsOf(fields, ['share']).map(({ value, fields: own }) => ({
    variation: value,
    weight: Math.round((Number(valueIn(own, 'share_percent')) * TOTAL_WEIGHT) / 100),
  }));
}

/** Variations of a form: a name, a value and a description each. @throws {AnswerError} for values that are no such type */
export function readVariations(fields: URLSearchParams, type: FlagType): NonNullable<FlagInput['variations']> {
  return sectionsOf(fields, ['variation'])
    .map(({ value, fields: own }) => ({
      name: value.trim(),
      text: valueIn(own, 'variation_value'),
      description: valueIn(own, 'variation_description'),
    }))
    .filter(({ name, text }) => name !== '' || text !== '')
    .map(({ name, text, description }) => ({ name, value: readFlagValue(text, type, name), description }));
}

/** @throws {AnswerError} naming the variation */
export function readFlagValue(text: string, type: FlagType, name: string): FlagValue {
  if (type === 'string') return text;
  try {
    return JSON.parse(text) as FlagValue;
  } catch {
    throw badRequest(`variation '${name}': '${text}' is no ${type}. Write it as JSON, e.g. true, 20, {"size": 3}`);
  }
}

export function writeFlagValue(value: FlagValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function percent(weight: number): string {
  return String((weight * 100) / TOTAL_WEIGHT);
}
