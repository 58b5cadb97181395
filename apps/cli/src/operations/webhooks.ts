import type { DeliveryState, Webhook, WebhookDelivery, WebhookPatch } from '@waygate/client';
import { withSuggestions } from '../flags/known-flag.js';
import type { Input } from '../command/input.js';
import { reasonOf } from '../command/reason-of.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { confirmDeletion } from '../command/confirm-deletion.js';
import { cyan, dim, green, red, yellow, type Text } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';

export async function list({ out, client }: Cli): Promise<void> {
  const webhooks = await (await client()).webhooks.list();
  out.value(webhooks);
  if (webhooks.length === 0) {
    out.say`${dim('No webhooks.')}`;
    return;
  }
  out.table(
    [
      { title: 'Name' },
      { title: 'State' },
      { title: 'Format' },
      { title: 'Open' },
      { title: 'Dead' },
      { title: 'URL', flexible: true },
      { title: 'Events', flexible: true },
    ],
    webhooks.map((webhook) => [
      cyan(webhook.key),
      stateOf(webhook),
      webhook.formatter,
      String(webhook.open),
      webhook.dead === 0 ? '0' : red(String(webhook.dead)),
      webhook.url,
      eventsOf(webhook),
    ]),
  );
}

export async function get(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('name');
  const { webhooks } = await cli.client();
  const webhook = await about(cli, key, () => webhooks.get(key));
  cli.out.value(webhook);
  cli.out.table(
    [{ title: 'Field' }, { title: 'Value', flexible: true }],
    [
      ['Name', cyan(webhook.key)],
      ['URL', webhook.url],
      ['State', stateOf(webhook)],
      ...(webhook.disabled_reason === '' ? [] : [['Reason', webhook.disabled_reason]]),
      ['Events', eventsOf(webhook)],
      ['Format', webhook.formatter],
      ['Description', webhook.description === '' ? '-' : webhook.description],
      ['Declared', webhook.declared ? 'by the code' : 'no'],
      ['Secrets', webhook.secrets.map(secretText).join(', ') || '-'],
      ['Deliveries', `${webhook.open} open, ${webhook.dead} dead`],
      ['Created', secondOf(webhook.created_at)],
    ],
  );
}

export async function add(cli: Cli, input: Input): Promise<void> {
  const name = input.option('name');
  const secret = input.option('secret');
  const url = input.argument('url');
  const webhook = await (
    await cli.client()
  ).webhooks.add({
    ...fieldsOf(input),
    url,
    ...(name === undefined ? {} : { name }),
    ...(secret === undefined ? {} : { secret }),
  });
  cli.out.say`${green('✓')} Webhook ${webhook.key} ${webhook.secret === null ? 'was there already and is changed' : 'added'}.`;
  if (secret === undefined) tellSecret(cli, webhook.secret);
  cli.out.value(webhook);
}

export async function edit(cli: Cli, input: Input): Promise<void> {
  const url = input.option('to');
  const fields = { ...fieldsOf(input), ...(url === undefined ? {} : { url }) };
  if (Object.keys(fields).length === 0)
    throw new UsageFailure('nothing to change: give --to, --event, --all-events, --format or --description');
  const key = input.argument('name');
  const { webhooks } = await cli.client();
  told(cli, await about(cli, key, () => webhooks.update(key, fields)), `Webhook ${key} updated.`);
}

export async function enable(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('name');
  const { webhooks } = await cli.client();
  told(cli, await about(cli, key, () => webhooks.enable(key, reasonOf(input))), `Webhook ${key} enabled.`);
}

export async function disable(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('name');
  const { webhooks } = await cli.client();
  told(cli, await about(cli, key, () => webhooks.disable(key, reasonOf(input))), `Webhook ${key} disabled.`);
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('name');
  await confirmDeletion(input, `Delete webhook ${key}?`);
  const { webhooks } = await cli.client();
  told(cli, await about(cli, key, () => webhooks.delete(key)), `Webhook ${key} deleted.`);
}

export async function rotateSecret(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('name');
  const secret = input.option('secret');
  const overlap = input.option('overlap');
  const options = { ...(secret === undefined ? {} : { secret }), ...(overlap === undefined ? {} : { overlap }) };
  const { webhooks } = await cli.client();
  const webhook = await about(cli, key, () => webhooks.rotateSecret(key, options));
  cli.out.say`${green('✓')} Webhook ${key} has a new secret.`;
  if (secret === undefined) tellSecret(cli, webhook.secret);
  const old = webhook.secrets.find(({ expires_at: end }) => end !== null)?.expires_at;
  if (old != null) cli.out.say`  The old one signs too until ${secondOf(old)}`;
  cli.out.value(webhook);
}

/** Exits 1 when the receiver did not take it. */
export async function test(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('name');
  const { webhooks } = await cli.client();
  const result = await about(cli, key, () => webhooks.test(key));
  cli.out.value(result);
  const { ok, status, error } = result;
  if (!ok) throw new CliFailure(`Webhook ${key} did not take it: ${error === '' ? `status ${status ?? '-'}` : error}`);
  cli.out.say`${green('✓')} Webhook ${key} answered ${status ?? '-'}.`;
}

export async function deliveries(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const webhook = input.optionalArgument('name');
  const state = input.option('state');
  const { webhooks } = await cli.client();
  const query = {
    ...(webhook === undefined ? {} : { webhook }),
    ...(state === undefined ? {} : { state: state as DeliveryState }),
    limit: input.number('limit', 1),
  };
  const page = await (webhook === undefined ? webhooks.deliveries(query) : about(cli, webhook, () => webhooks.deliveries(query)));
  out.value(page.deliveries);
  if (page.deliveries.length === 0) {
    out.say`${dim('No deliveries.')}`;
    return;
  }
  out.table(
    [
      { title: 'Id' },
      { title: 'When' },
      ...(webhook === undefined ? [{ title: 'Webhook' }] : []),
      { title: 'Event' },
      { title: 'Route' },
      { title: 'State' },
      { title: 'Attempts' },
      { title: 'Last answer', flexible: true },
    ],
    page.deliveries.map((delivery) => [
      cyan(delivery.id),
      out.isTerminal ? relativeTo(delivery.created_at) : secondOf(delivery.created_at),
      ...(webhook === undefined ? [delivery.webhook] : []),
      delivery.event,
      delivery.path,
      deliveryState(delivery),
      String(delivery.attempts),
      delivery.last_error || (delivery.last_status === null ? '-' : String(delivery.last_status)),
    ]),
  );
}

export async function resend(cli: Cli, input: Input): Promise<void> {
  const id = input.argument('delivery');
  told(cli, await (await cli.client()).webhooks.resend(id), `Delivery ${id} is sent again.`);
}

function fieldsOf(input: Input): WebhookPatch {
  const events = input.list('event');
  const formatter = input.option('format');
  const description = input.option('description');
  return {
    ...(input.flag('allEvents') ? { events: [] } : events.length === 0 ? {} : { events }),
    ...(formatter === undefined ? {} : { formatter }),
    ...(description === undefined ? {} : { description }),
  };
}

function stateOf({ enabled }: Webhook): Text {
  return enabled ? green('on') : yellow('paused');
}

function eventsOf({ events }: Webhook): string {
  return events.length === 0 ? 'all' : events.join(', ');
}

function secretText({ created_at: made, expires_at: end }: Webhook['secrets'][number]): string {
  return `made ${secondOf(made)}${end === null ? '' : ` (until ${secondOf(end)})`}`;
}

function deliveryState({ state }: WebhookDelivery): Text {
  return state === 'delivered' ? green(state) : state === 'dead' ? red(state) : yellow(state);
}

function tellSecret({ out }: Cli, secret: string | null): void {
  if (secret !== null) out.say`  Secret (shown this once): ${secret}`;
}

/** For a name there is not, tells what was probably meant. */
function about<T>(cli: Cli, key: string, run: () => Promise<T>): Promise<T> {
  return withSuggestions(run, key, async () => (await (await cli.client()).webhooks.list()).map((webhook) => webhook.key));
}

function told({ out }: Cli, result: unknown, message: string): void {
  out.say`${green('✓')} ${message}`;
  out.value(result);
}
