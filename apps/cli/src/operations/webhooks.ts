import type { Input } from '../program/input.js';
import type { Cli } from '../session/cli.js';
import { confirmDeletion } from '../terminal/confirm-deletion.js';
import { cyan, dim, green, yellow } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';

export async function list({ out, client }: Cli): Promise<void> {
  const webhooks = await (await client()).webhooks.list();
  out.value(webhooks);
  if (webhooks.length === 0) {
    out.say`${dim('No webhooks.')}`;
    return;
  }
  out.table(
    [{ title: 'Id' }, { title: 'State' }, { title: 'URL', flexible: true }, { title: 'Events', flexible: true }],
    webhooks.map(({ id, url, events, enabled }) => [
      cyan(id),
      enabled ? green('on') : yellow('paused'),
      url,
      events.length === 0 ? 'all' : events.join(', '),
    ]),
  );
}

export async function add(cli: Cli, input: Input): Promise<void> {
  const format = input.option('format');
  const secret = input.option('secret');
  const events = input.list('event');
  const webhook = await (
    await cli.client()
  ).webhooks.create({
    url: input.argument('url'),
    ...(events.length === 0 ? {} : { events }),
    ...(format === undefined ? {} : { format }),
    ...(secret === undefined ? {} : { secret }),
  });
  cli.out.say`${green('✓')} Webhook ${webhook.id} added.`;
  const made = webhook['secret'];
  if (secret === undefined && typeof made === 'string') cli.out.say`  Secret (shown this once): ${made}`;
  cli.out.value(webhook);
}

export async function enable(cli: Cli, input: Input): Promise<void> {
  const id = input.argument('id');
  told(cli, await (await cli.client()).webhooks.enable(id), `Webhook ${id} enabled.`);
}

export async function disable(cli: Cli, input: Input): Promise<void> {
  const id = input.argument('id');
  told(cli, await (await cli.client()).webhooks.disable(id), `Webhook ${id} disabled.`);
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  const id = input.argument('id');
  const { webhooks } = await cli.client();
  if (!(await confirmDeletion(cli, input, `Delete webhook ${id}?`))) return;
  told(cli, await webhooks.delete(id), `Webhook ${id} deleted.`);
}

export async function deliveries({ out, client }: Cli, input: Input): Promise<void> {
  const found = await (await client()).webhooks.deliveries(input.argument('id'));
  out.value(found);
  if (found.length === 0) {
    out.say`${dim('No deliveries.')}`;
    return;
  }
  out.table(
    [{ title: 'Id' }, { title: 'When' }, { title: 'Event' }, { title: 'Status' }, { title: 'Attempts' }],
    found.map(({ id, event, status, attempts, timestamp }) => [
      cyan(id),
      timestamp === undefined ? '-' : out.isTerminal ? relativeTo(timestamp) : secondOf(timestamp),
      event,
      status === 'delivered' ? green(status) : yellow(status),
      attempts === undefined ? '-' : String(attempts),
    ]),
  );
}

export async function resend(cli: Cli, input: Input): Promise<void> {
  const id = input.argument('delivery');
  told(cli, await (await cli.client()).webhooks.resend(id), `Delivery ${id} is sent again.`);
}

function told({ out }: Cli, result: unknown, message: string): void {
  out.say`${green('✓')} ${message}`;
  out.value(result);
}
