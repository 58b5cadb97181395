import type { Segment } from '@waygate/client';
import { withSuggestions } from '../flags/known-flag.js';
import { attributeClause, withoutRule } from '../flags/targeting.js';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { UsageFailure } from '../terminal/failure.js';
import { confirmDeletion } from '../command/confirm-deletion.js';
import { bold, cyan, dim, green } from '../terminal/style.js';

export async function list({ out, client }: Cli): Promise<void> {
  const segments = await (await client()).segments.list();
  out.value(segments);
  if (segments.length === 0) {
    out.say`${dim('No segments found.')}`;
    return;
  }
  out.table(
    [{ title: 'Key' }, { title: 'Included' }, { title: 'Excluded' }, { title: 'Rules' }, { title: 'Name', flexible: true }],
    segments.map(({ key, included, excluded, rules, name }) => [
      cyan(key),
      String(included.length),
      String(excluded.length),
      String(rules.length),
      name,
    ]),
  );
}

export async function get(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const client = await cli.client();
  const key = input.argument('key');
  const segment = await about(cli, key, () => client.segments.get(key));
  out.value(segment);
  out.say`${bold(segment.key)} ${segment.name}`;
  if (segment.description !== '') out.say`  ${segment.description}`;
  out.say`  Included: ${segment.included.join(', ') || '-'}`;
  out.say`  Excluded: ${segment.excluded.join(', ') || '-'}`;
  for (const { id, description = '', clauses } of segment.rules) {
    const texts = clauses.map(
      ({ attribute, operator, values, negate }) =>
        `${negate === true ? 'not ' : ''}${attribute} ${operator} ${JSON.stringify(values)}`,
    );
    out.say`  Rule (${dim(id ?? '-')}): ${texts.join(' and ') || 'everybody'}`;
    if (description !== '') out.say`    ${dim(description)}`;
  }
}

export async function create(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const { segments } = await cli.client();
  const description = input.option('description') ?? '';
  told(cli, await segments.create({ key, name: input.required('name'), description }), `Segment ${key} created.`);
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  await confirmDeletion(input, `Delete segment ${key}?`);
  const client = await cli.client();
  told(cli, await about(cli, key, () => client.segments.delete(key)), `Segment ${key} deleted.`);
}

/** Included and excluded never hold the same key: the last word counts. */
export function include(cli: Cli, input: Input): Promise<void> {
  const keys = keysOf(input);
  return edit(cli, input, ({ included, excluded }) => ({
    included: [...new Set([...included, ...keys])],
    excluded: excluded.filter((key) => !keys.includes(key)),
  }));
}

export function exclude(cli: Cli, input: Input): Promise<void> {
  const keys = keysOf(input);
  return edit(cli, input, ({ included, excluded }) => ({
    included: included.filter((key) => !keys.includes(key)),
    excluded: [...new Set([...excluded, ...keys])],
  }));
}

export function addRule(cli: Cli, input: Input): Promise<void> {
  const rule = { clauses: [attributeClause(input)], description: input.option('description') ?? '' };
  return edit(cli, input, ({ rules }) => ({ rules: [...rules, rule] }));
}

export function removeRule(cli: Cli, input: Input): Promise<void> {
  return edit(cli, input, ({ rules }) => ({ rules: withoutRule(rules, input.required('rule')) }));
}

async function edit(cli: Cli, input: Input, change: (segment: Segment) => Partial<Segment>): Promise<void> {
  const key = input.argument('key');
  const client = await cli.client();
  told(cli, await about(cli, key, () => client.segments.edit(key, change)), `Segment ${key} updated.`);
}

function about<T>(cli: Cli, key: string, run: () => Promise<T>): Promise<T> {
  return withSuggestions(run, key, async () => (await (await cli.client()).segments.list()).map((segment) => segment.key));
}

function told({ out }: Cli, result: unknown, message: string): void {
  out.say`${green('✓')} ${message}`;
  out.value(result);
}

function keysOf(input: Input): readonly string[] {
  const keys = input.commaList('keys');
  if (keys.length === 0) throw new UsageFailure('--keys needs at least one key');
  return keys;
}
