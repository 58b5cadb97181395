import { describe, expect, it } from 'vitest';
import type { WebhookEvent } from '../schema/webhook.js';
import { BUILT_IN_FORMATTERS } from './formatters.js';

const EVENT: WebhookEvent = {
  id: 'f6b0',
  event: 'disable',
  path: 'GET:/pay',
  reason: 'hotfix',
  timestamp: '2026-11-21T12:00:00.000+00:00',
  state: null,
  revision: 7,
  actor: 'alice',
  platform: 'cli',
  service: null,
  before: null,
  after: null,
};
const format = (name: string, fields: Partial<WebhookEvent> = {}) =>
  JSON.parse(JSON.stringify(BUILT_IN_FORMATTERS[name]!({ ...EVENT, ...fields }))) as never;

describe('the Waygate format', () => {
  it('is the event as it stands', () => expect(format('waygate')).toEqual(EVENT));
});

describe('the Slack format', () => {
  it.each([
    ['maintenance_on', '#FFA500'],
    ['maintenance_off', '#36A64F'],
    ['enable', '#36A64F'],
    ['disable', '#FF0000'],
    ['env_gate', '#439FE0'],
    ['flag_updated', '#888888'],
  ] as const)('has %s in %s', (event, color) => {
    expect(format('slack', { event })).toEqual({
      attachments: [{ color, text: `*${event.toUpperCase()}*: \`GET:/pay\`\n> hotfix`, footer: 'waygate', ts: 1795262400 }],
    });
  });

  it.each([
    ['', '*DISABLE*: `GET:/pay`'],
    ['a <!channel> & b', '*DISABLE*: `GET:/pay`\n> a &lt;!channel&gt; &amp; b'],
    ['one\ntwo', '*DISABLE*: `GET:/pay`\n> one\n> two'],
  ])('writes the reason %j as text, not as markup', (reason, text) => {
    expect(format('slack', { reason })).toMatchObject({ attachments: [{ text }] });
  });
});

describe('the Teams format', () => {
  it('is a message with one Adaptive Card', () => {
    const message = format('teams', { service: 'shop', reason: '[click](https://evil.example)' });
    expect(message).toMatchObject({
      type: 'message',
      attachments: [
        { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.4' } },
      ],
    });
    const text = JSON.stringify(message);
    expect(text).toContain('"text":"DISABLE","weight":"Bolder","size":"Medium","color":"Attention"');
    expect(text).toContain('{"title":"Service","value":"shop"}');
    expect(text).not.toContain('[click](');
  });
});

describe('the Discord format', () => {
  it('is one embed that mentions nobody', () => {
    expect(format('discord', { reason: '@everyone *look*' })).toEqual({
      embeds: [
        {
          title: 'DISABLE',
          description: String.raw`GET:/pay` + '\n> ' + String.raw`@everyone \*look\*`,
          color: 0xff0000,
          timestamp: EVENT.timestamp,
          footer: { text: 'waygate' },
          fields: [{ name: 'Actor', value: 'alice', inline: true }],
        },
      ],
      allowed_mentions: { parse: [] },
    });
  });

  it('keeps to the length Discord takes', () => {
    const { embeds } = format('discord', { reason: '*'.repeat(2_000), path: `GET:/${'x'.repeat(1_000)}` }) as {
      embeds: { description: string }[];
    };
    expect(embeds[0]?.description.length).toBe(4_096);
  });
});
