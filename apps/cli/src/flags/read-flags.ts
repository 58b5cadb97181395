import type { FeatureFlag, ProgressiveRollout, StaleFlag } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { bold, cyan, dim, green, red, yellow, type Text } from '../terminal/style.js';
import { isoOf, minuteOf, relativeTo, secondOf } from '../terminal/time.js';
import { contextOf } from './context.js';
import { aboutFlag } from './known-flag.js';

export async function list({ out, client }: Cli, input: Input): Promise<void> {
  const type = input.option('type');
  const status = input.option('status');
  const flags = (await (await client()).flags.list()).filter(
    (flag) => (type === undefined || flag.type === type) && (status === undefined || hasStatus(flag, status)),
  );
  out.value(flags);
  if (flags.length === 0) {
    out.say`${dim('No flags found.')}`;
    return;
  }
  out.table(
    [
      { title: 'Key' },
      { title: 'Type' },
      { title: 'State' },
      { title: 'Status' },
      { title: 'Gives' },
      { title: 'Name', flexible: true },
    ],
    flags.map((flag) => [cyan(flag.key), flag.type, stateOf(flag), flag.status, fallthroughText(flag), flag.name]),
  );
}

export async function get(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const flag = await flagOf(cli, input);
  out.value(flag);
  out.table(
    [{ title: 'Field' }, { title: 'Value', flexible: true }],
    [
      ['Key', cyan(flag.key)],
      ['Name', flag.name],
      ['Description', flag.description === '' ? '-' : flag.description],
      ['Type', flag.type],
      ['State', stateOf(flag)],
      ['Status', flag.status],
      ['Variations', flag.variations.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ')],
      ['Off variation', flag.off_variation],
      ['Fallthrough', fallthroughText(flag)],
      ['Rules', String(flag.rules.length)],
      ['Targets', String(Object.values(flag.targets).reduce((sum, keys) => sum + keys.length, 0))],
      ['Prerequisites', flag.prerequisites.map((wanted) => `${wanted.flag_key}=${wanted.variation}`).join(', ') || '-'],
      ...(flag.progressive_rollout == null ? [] : [['Rollout', rolloutText(flag.progressive_rollout)]]),
      ...(flag.switch_back_at == null ? [] : [['Switches back', secondOf(flag.switch_back_at)]]),
      ['Scheduled', flag.scheduled_changes.map((change) => `${change.action} ${secondOf(change.execute_at)}`).join(', ') || '-'],
      ['Tags', flag.tags.join(', ') || '-'],
      ['Updated', out.isTerminal ? relativeTo(flag.updated_at) : secondOf(flag.updated_at)],
    ],
  );
}

export async function variations(cli: Cli, input: Input): Promise<void> {
  const flag = await flagOf(cli, input);
  cli.out.value(flag.variations);
  cli.out.table(
    [{ title: 'Variation' }, { title: 'Value' }, { title: 'Given' }, { title: 'Description', flexible: true }],
    flag.variations.map(({ name, value, description }) => [
      cyan(name),
      JSON.stringify(value),
      name === flag.off_variation ? 'when off' : name === flag.fallthrough ? 'by default' : '-',
      description === undefined || description === '' ? '-' : description,
    ]),
  );
}

export async function targeting(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const flag = await flagOf(cli, input);
  const { prerequisites, targets, rules, fallthrough } = flag;
  out.value({ enabled: flag.enabled, prerequisites, targets, rules, fallthrough, off_variation: flag.off_variation });
  out.say`${bold(flag.key)} ${stateOf(flag)}`;
  for (const wanted of prerequisites) out.say`  Prerequisite: ${wanted.flag_key} gives ${wanted.variation}`;
  for (const [variation, keys] of Object.entries(targets)) out.say`  Target: ${keys.join(', ')} → ${variation}`;
  for (const [index, rule] of rules.entries()) {
    const clauses = rule.clauses.map(
      ({ attribute, operator, values, negate }) =>
        `${negate === true ? 'not ' : ''}${attribute} ${operator} ${JSON.stringify(values)}`,
    );
    const gives = rule.variation ?? weightsText(rule.rollout ?? []);
    out.say`  Rule ${index + 1} (${dim(rule.id ?? '-')}): ${clauses.join(' and ') || 'everybody'} → ${gives}`;
    if (rule.description !== undefined && rule.description !== '') out.say`    ${dim(rule.description)}`;
  }
  out.say`  Otherwise: ${fallthroughText(flag)}`;
  if (flag.progressive_rollout != null) out.say`  Rollout: ${rolloutText(flag.progressive_rollout)}`;
  out.say`  Off: ${flag.off_variation}`;
}

export async function evaluate(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  const result = await aboutFlag(client, key, () => client.flags.evaluate(key, contextOf(input)));
  cli.out.value(result);
  cli.out.table(
    [{ title: 'Field' }, { title: 'Value', flexible: true }],
    [
      ['value', JSON.stringify(result.value)],
      ['variation', result.variation ?? '-'],
      ['reason', result.reason],
      ['rule_id', result.rule_id ?? '-'],
      ['prerequisite_key', result.prerequisite_key ?? '-'],
      ['error', result.error_message ?? '-'],
    ],
  );
}

export async function explain(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  const explanation = await aboutFlag(client, key, () => client.flags.explain(key, contextOf(input)));
  cli.out.value(explanation);
  const { printExplanation } = await import('./print-explanation.js');
  printExplanation(cli.out, explanation);
}

const STALE: Readonly<Record<StaleFlag['reason'], string>> = {
  not_evaluated: 'nobody asks for it',
  serves_one_value: 'everybody gets the same',
  deprecated_in_use: 'deprecated, but still asked for',
  archived_in_use: 'archived, but still asked for',
};

export async function stale({ out, client }: Cli, input: Input): Promise<void> {
  const after = input.option('after');
  const flags = await (await client()).flags.stale(after === undefined ? {} : { after });
  out.value(flags);
  if (flags.length === 0) {
    out.say`${dim('No stale flags.')}`;
    return;
  }
  out.table(
    [{ title: 'Key' }, { title: 'Since' }, { title: 'Reason', flexible: true }],
    flags.map(({ key, reason, since }) => [
      cyan(key),
      out.isTerminal ? relativeTo(since) : secondOf(since),
      STALE[reason] ?? reason,
    ]),
  );
}

async function flagOf({ client }: Cli, input: Input): Promise<FeatureFlag> {
  const key = input.argument('key');
  const opened = await client();
  return aboutFlag(opened, key, () => opened.flags.get(key));
}

function hasStatus(flag: FeatureFlag, status: string): boolean {
  if (status === 'enabled') return flag.enabled;
  if (status === 'disabled') return !flag.enabled;
  return flag.status === status;
}

function stateOf(flag: FeatureFlag): Text {
  if (flag.status === 'archived') return yellow('archived');
  return flag.enabled ? green('on') : red('off');
}

function fallthroughText({ fallthrough }: FeatureFlag): string {
  return typeof fallthrough === 'string' ? fallthrough : weightsText(fallthrough);
}

/** `on 25% now, 50% 2027-01-31 22:00 UTC, …`. */
function rolloutText({ variation, steps, started_at: started, paused_at: paused }: ProgressiveRollout): string {
  let at = Date.parse(started);
  const texts = steps.map(({ weight, after_ms: after }) => {
    at += after;
    return `${weight / 1000}%${paused === null ? ` ${minuteOf(isoOf(at))}` : ''}`;
  });
  return `${variation} ${texts.join(', ')}${paused === null ? '' : ` (paused ${minuteOf(paused)})`}`;
}

function weightsText(weights: readonly { readonly variation: string; readonly weight: number }[]): string {
  return weights.map(({ variation, weight }) => `${variation} ${weight / 1000}%`).join(', ');
}
