import { errorMessage } from '../native-errors/native-error.js';
import type { WebhookEvent, WebhookRecord } from '../schema/webhook.js';
import type { WebhookFormatter } from './formatters.js';
import { signature, validSecrets } from './secret.js';
import type { OutgoingMessage } from './webhook-sender.js';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * An event as it goes out, signed by Standard Webhooks.
 * @param id the `webhook-id`: the same at every attempt
 * @param now epoch ms
 * @throws {Error} when the formatter is not there, throws, or makes what cannot be sent; the message is for operators
 */
export function outgoingMessage(
  id: string,
  { url, formatter: name, secrets }: WebhookRecord,
  event: WebhookEvent,
  formatters: ReadonlyMap<string, WebhookFormatter>,
  now: number,
): OutgoingMessage {
  const formatter = formatters.get(name);
  if (formatter === undefined)
    throw new Error(
      `this process has no formatter '${name}'; register it in the option 'webhooks.formatters', or choose another`,
    );
  const body = bodyOf(name, formatter, event);
  const timestamp = Math.floor(now / 1_000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Waygate-Webhooks',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature(validSecrets(secrets, now), id, timestamp, body),
  };
  return { url, headers, body };
}

function bodyOf(name: string, formatter: WebhookFormatter, event: WebhookEvent): string {
  let body: string | undefined;
  try {
    body = JSON.stringify(formatter(event)) as string | undefined;
  } catch (error) {
    throw new Error(`the formatter '${name}' failed: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  if (body === undefined) throw new Error(`the formatter '${name}' gave nothing that can be written as JSON`);
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) throw new Error(`the formatter '${name}' made more than 1 MiB`);
  return body;
}
