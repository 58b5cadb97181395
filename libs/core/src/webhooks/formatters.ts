import type { WebhookEvent } from '../schema/webhook.js';

/**
 * Makes the body of a webhook: anything that can be written as JSON. Must be quick and must not wait; what it throws is the error of the
 * attempt.
 */
export type WebhookFormatter = (event: WebhookEvent) => unknown;

/** The formats that are there without registering one. */
export const BUILT_IN_FORMATTERS: Readonly<Record<string, WebhookFormatter>> = Object.freeze({
  waygate: (event) => event,
  slack,
  teams,
  discord,
});

/** Wire contract, §11. */
const COLOURS: Readonly<Record<string, string>> = {
  maintenance_on: '#FFA500',
  maintenance_off: '#36A64F',
  enable: '#36A64F',
  disable: '#FF0000',
  env_gate: '#439FE0',
};
const OTHER_COLOUR = '#888888';

/** Slack's incoming webhooks: an attachment as in the wire contract, §11. */
function slack({ event, path, reason, timestamp }: WebhookEvent): unknown {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quote = reason === '' ? '' : `\n> ${escaped(reason).replaceAll(/\r?\n/g, '\n> ')}`;
  const text = `*${event.toUpperCase()}*: \`${escaped(path).replaceAll('`', "'")}\`${quote}`;
  const ts = Math.floor(Date.parse(timestamp) / 1_000);
  return { attachments: [{ color: COLOURS[event] ?? OTHER_COLOUR, text, footer: 'waygate', ts }] };
}

/** Microsoft Teams: the message with an Adaptive Card that its Workflows webhooks take. */
function teams({ event, path, reason, timestamp, actor, service, revision }: WebhookEvent): unknown {
  const facts = [
    { title: 'Actor', value: markdownEscaped(actor) },
    ...(service === null ? [] : [{ title: 'Service', value: service }]),
    { title: 'Time', value: timestamp },
    { title: 'Revision', value: String(revision) },
  ];
  const body = [
    { type: 'TextBlock', text: event.toUpperCase(), weight: 'Bolder', size: 'Medium', color: cardColour(event) },
    { type: 'TextBlock', text: markdownEscaped(path), wrap: true, fontType: 'Monospace' },
    ...(reason === '' ? [] : [{ type: 'TextBlock', text: markdownEscaped(reason), wrap: true }]),
    { type: 'FactSet', facts },
  ];
  const content = { $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4', body };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

/** Discord: one embed. Nobody is mentioned, whatever a reason says. */
function discord({ event, path, reason, timestamp, actor, service }: WebhookEvent): unknown {
  const fields = [
    { name: 'Actor', value: shortened(markdownEscaped(actor), 1_024), inline: true },
    ...(service === null ? [] : [{ name: 'Service', value: shortened(service, 1_024), inline: true }]),
  ];
  const quote = reason === '' ? '' : `\n> ${markdownEscaped(reason).replaceAll(/\r?\n/g, '\n> ')}`;
  const embed = {
    title: event.toUpperCase(),
    description: shortened(`${markdownEscaped(path)}${quote}`, 4_096),
    color: Number.parseInt((COLOURS[event] ?? OTHER_COLOUR).slice(1), 16),
    timestamp,
    footer: { text: 'waygate' },
    fields,
  };
  return { embeds: [embed], allowed_mentions: { parse: [] } };
}

function cardColour(event: string): string {
  const names: Readonly<Record<string, string>> = {
    '#FFA500': 'Warning',
    '#36A64F': 'Good',
    '#FF0000': 'Attention',
    '#439FE0': 'Accent',
  };
  return names[COLOURS[event] ?? ''] ?? 'Default';
}

/** Text that came from people must not become links or headings. */
function markdownEscaped(text: string): string {
  return text.replaceAll(/[\\`*_~|[\]()<>#]/g, String.raw`\$&`);
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
