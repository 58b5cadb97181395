import { describe, expect, it } from 'vitest';
import { ValidationError } from '../model/errors.js';
import type { WebhookRecord } from '../schema/webhook.js';
import { redacted } from './redaction.js';
import { checkSecret, newSecret, signature } from './secret.js';

const bytes = (length: number) => `whsec_${Buffer.alloc(length, 7).toString('base64')}`;

describe('a webhook secret', () => {
  it('is made of 32 random bytes', () => {
    expect(checkSecret(newSecret())).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSecret()).not.toBe(newSecret());
  });

  it.each([24, 33, 64])('may have %i bytes', (length) => expect(checkSecret(bytes(length))).toBe(bytes(length)));

  it.each([
    ['short', bytes(23)],
    ['long', bytes(65)],
    ['without its prefix', bytes(32).slice(6)],
    ['not base64', `whsec_${'!'.repeat(40)}`],
    ['base64 of another kind', `whsec_${'-_'.repeat(16)}`],
    ['not text', 7],
  ])('is refused when %s, without being repeated', (_what, secret) => {
    expect(() => checkSecret(secret)).toThrow(ValidationError);
    expect(() => checkSecret(secret)).not.toThrow(String(secret));
  });

  it('signs as the example of Standard Webhooks does', () => {
    const secret = { value: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', createdAt: '', expiresAt: null };
    const body = '{"test": 2432232314}';
    expect(signature([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
    expect(signature([secret, secret], 'a', 1, '').split(' ')).toHaveLength(2);
  });
});

describe('a webhook in audit entries and events', () => {
  const record: WebhookRecord = {
    url: 'https://hooks.slack.com/services/T0/B0/hunter2?k=hunter2',
    events: [],
    formatter: 'slack',
    description: '',
    secrets: [{ value: bytes(32), createdAt: '2026-11-21T12:00:00.000Z', expiresAt: null }],
    enabled: true,
    disabledReason: '',
    declared: { url: 'https://x.example/hunter2', events: [], formatter: 'slack', description: '', secretHash: 'hunter2' },
    createdAt: '2026-11-21T12:00:00.000Z',
  };

  it('shows no secret, and of its URL the host', () => {
    const text = JSON.stringify(redacted(record));
    expect(text).not.toMatch(/hunter2|whsec_|BwcH/);
    expect(text).toContain('https://hooks.slack.com/***');
  });

  it('shows that its URL changed', () => {
    expect(redacted(record).url).not.toBe(redacted({ ...record, url: `${record.url}2` }).url);
  });
});
