import type { FeatureFlag, RuleClause, TargetingRule } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { told } from './change-flags.js';
import { valuesOf } from './context.js';
import { aboutFlag } from './known-flag.js';

export function addRule(cli: Cli, input: Input): Promise<void> {
  const rule: TargetingRule = {
    clauses: [ruleClause(input)],
    variation: input.required('variation'),
    description: input.option('description') ?? '',
  };
  return editFlag(cli, input, 'Rule added to flag', (flag) => ({ rules: [...flag.rules, rule] }));
}

export function removeRule(cli: Cli, input: Input): Promise<void> {
  const wanted = input.required('rule');
  return editFlag(cli, input, 'Rule removed from flag', (flag) => ({ rules: withoutRule(flag.rules, wanted) }));
}

export function addPrerequisite(cli: Cli, input: Input): Promise<void> {
  const prerequisite = { flag_key: input.required('flag'), variation: input.required('variation') };
  return editFlag(cli, input, 'Prerequisite added to flag', (flag) => ({
    prerequisites: [...flag.prerequisites.filter(({ flag_key }) => flag_key !== prerequisite.flag_key), prerequisite],
  }));
}

export function removePrerequisite(cli: Cli, input: Input): Promise<void> {
  const other = input.required('flag');
  return editFlag(cli, input, 'Prerequisite removed from flag', (flag) => {
    const prerequisites = flag.prerequisites.filter(({ flag_key }) => flag_key !== other);
    if (prerequisites.length === flag.prerequisites.length)
      throw new CliFailure(`Flag '${flag.key}' does not depend on '${other}'`);
    return { prerequisites };
  });
}

export function addTargets(cli: Cli, input: Input): Promise<void> {
  const variation = input.required('variation');
  const keys = keysOf(input);
  return editFlag(cli, input, 'Targets added to flag', (flag) => {
    if (!flag.variations.some(({ name }) => name === variation))
      throw new CliFailure(`Flag '${flag.key}' has no variation '${variation}'; it has ${names(flag)}`);
    return { targets: { ...flag.targets, [variation]: [...new Set([...(flag.targets[variation] ?? []), ...keys])] } };
  });
}

export function removeTargets(cli: Cli, input: Input): Promise<void> {
  const variation = input.required('variation');
  const keys = new Set(keysOf(input));
  return editFlag(cli, input, 'Targets removed from flag', (flag) => {
    const { [variation]: before = [], ...others } = flag.targets;
    const left = before.filter((key) => !keys.has(key));
    if (left.length === before.length)
      throw new CliFailure(`Flag '${flag.key}' does not target ${[...keys].join(', ')} with '${variation}'`);
    return { targets: left.length === 0 ? others : { ...others, [variation]: left } };
  });
}

/** A clause from `--segment`, or from `--attribute`, `--operator` and `--values`. */
function ruleClause(input: Input): RuleClause {
  const segment = input.option('segment');
  const attribute = input.option('attribute');
  const negate = input.flag('negate');
  if ((segment === undefined) === (attribute === undefined)) throw new UsageFailure('give either --segment or --attribute');
  if (segment !== undefined) return { attribute: 'key', operator: 'in_segment', values: [segment], negate };
  return attributeClause(input);
}

/** @throws {UsageFailure} */
export function attributeClause(input: Input): RuleClause {
  const attribute = input.required('attribute');
  const values = valuesOf(input.option('values') ?? '');
  if (values.length === 0) throw new UsageFailure('--values needs at least one value');
  return { attribute, operator: input.required('operator'), values, negate: input.flag('negate') };
}

/** @throws {CliFailure} when none or several rules begin so */
export function withoutRule<T extends { readonly id?: string }>(rules: readonly T[], wanted: string): readonly T[] {
  const found = rules.filter(({ id }) => id === wanted);
  const matching = found.length > 0 ? found : rules.filter(({ id }) => id?.startsWith(wanted));
  if (matching.length === 0) throw new CliFailure(`There is no rule '${wanted}'`);
  if (matching.length > 1)
    throw new CliFailure(`Several rules begin with '${wanted}': ${matching.map(({ id }) => id).join(', ')}`);
  return rules.filter((rule) => rule !== matching[0]);
}

async function editFlag(cli: Cli, input: Input, what: string, edit: (flag: FeatureFlag) => Partial<FeatureFlag>): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  told(cli, await aboutFlag(client, key, () => client.flags.edit(key, edit)), `${what} ${key}.`);
}

function keysOf(input: Input): readonly string[] {
  const keys = input.commaList('keys');
  if (keys.length === 0) throw new UsageFailure('--keys needs at least one key');
  return keys;
}

function names(flag: FeatureFlag): string {
  return flag.variations.map(({ name }) => name).join(', ');
}
