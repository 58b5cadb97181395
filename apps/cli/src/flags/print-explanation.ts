import type { FlagExplanation, FlagStep } from '@waygate/client';
import type { Output } from '../terminal/output.js';
import { bold, cyan, green, yellow } from '../terminal/style.js';
import { minuteOf } from '../terminal/time.js';

type Fields = Readonly<Record<string, unknown>>;

/** Prints how an evaluation came about: the result, then each step with what it saw. The last one decided. */
export function printExplanation(out: Output, { flag_key: key, details, steps }: FlagExplanation): void {
  const value = `${details.variation ?? '-'} = ${JSON.stringify(details.value)}`;
  out.say`${bold(key)} → ${green(value)} (${details.reason})`;
  if (details.error_message !== null) out.say`  ${yellow(details.error_message)}`;
  for (const [index, step] of steps.entries()) {
    const [headline, ...more] = linesOf(step);
    out.say`${index + 1}. ${cyan(step.step)}${headline === undefined || headline === '' ? '' : `: ${headline}`}`;
    for (const line of more) out.say`   ${line}`;
  }
}

/** A step's own words; of a kind that is not known here, what it holds. */
function linesOf(step: FlagStep): readonly string[] {
  switch (step.step) {
    case 'archived':
      return ['callers get their own default'];
    case 'switch':
      return [`${step['enabled'] === true ? 'on' : 'off'}${switchBack(step['switch_back_at'])}`];
    case 'prerequisite': {
      const got = step['got'] === null ? 'nothing' : text(step['got']);
      return [`${text(step['flag_key'])} gives ${got}, wanted ${text(step['wanted'])}: ${holds(step)}`];
    }
    case 'targets':
      return [
        step['variation'] === null
          ? `${text(step['key'])} is not listed`
          : `${text(step['key'])} is listed for ${text(step['variation'])}`,
      ];
    case 'rule': {
      const about = step['description'] === '' ? '' : ` "${text(step['description'])}"`;
      return [`${text(step['rule_id'])}${about}: ${holds(step)}`, ...objects(step['clauses']).map(clauseText)];
    }
    case 'variation':
      return [`${text(step['variation'])}, by the ${text(step['of'])}`];
    case 'rollout': {
      const { hashed, bucket, progressive } = step;
      const kind = progressive === true ? 'progressive, ' : '';
      const chosen = hashed === null ? `no ${text(step['bucket_by'])} to choose by` : `bucket ${text(bucket)} of ${text(hashed)}`;
      return [`${kind}by the ${text(step['of'])}: ${chosen}`, ...objects(step['shares']).map(shareText)];
    }
    default: {
      const { step: _step, ...rest } = step as Fields;
      return Object.entries(rest).map(([name, value]) => `${name} ${text(value)}`);
    }
  }
}

function clauseText(clause: Fields): string {
  const negate = clause['negate'] === true ? 'not ' : '';
  const wanted = `${negate}${text(clause['attribute'])} ${text(clause['operator'])} ${JSON.stringify(clause['values'])}`;
  return `${wanted}: saw ${JSON.stringify(clause['saw'] ?? null)}, ${holds(clause)}`;
}

function shareText(share: Fields): string {
  const range = `${text(share['variation'])} ${Number(share['weight']) / 1000}% (${text(share['from'])} to ${text(share['to'])})`;
  return share['chosen'] === true ? `${range} ← chosen` : range;
}

function holds({ holds: yes }: Fields): string {
  return yes === true ? 'holds' : 'does not hold';
}

function switchBack(at: unknown): string {
  return typeof at === 'string' ? `, switched back ${minuteOf(at)}` : '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '-');
}

function objects(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
