import { ReasonBody } from '../../routes/routes.dto.js';
import { RotateSecretBody, WebhookBody, WebhookPatchBody } from '../../webhooks/webhooks.dto.js';
import { PAGE, tagged, type Untagged } from './operation.js';

const webhook = (summary: string): Untagged => ({ summary, body: ReasonBody, lenient: true, answer: 'Webhook' });

export const WEBHOOK_OPERATIONS = tagged('webhooks', {
  'GET /api/webhooks': {
    summary: 'Whom changes are told to. Only admins see more of a URL than its host; secrets are never shown again.',
    answer: 'Webhook',
    list: true,
  },
  'POST /api/webhooks': {
    summary:
      'Adds a webhook; `secret` is in this answer and nowhere else. 200 where one of that name or URL was there and is changed.',
    body: WebhookBody,
    answer: 'WebhookWithSecret',
    status: 201,
    others: { 200: 'WebhookWithSecret' },
  },
  'GET /api/webhooks/:webhook': { summary: 'One webhook.', answer: 'Webhook' },
  'PATCH /api/webhooks/:webhook': {
    summary: 'Changes what is named. What waits to be delivered goes where the webhook leads by then.',
    body: WebhookPatchBody,
    answer: 'Webhook',
  },
  'DELETE /api/webhooks/:webhook': { summary: 'Forgets a webhook and its deliveries.', answer: 'Ok' },
  'POST /api/webhooks/:webhook/enable': webhook('Tells it of changes again, and first of those that waited.'),
  'POST /api/webhooks/:webhook/disable': webhook('Tells it of no further change. What waits is kept.'),
  'POST /api/webhooks/:webhook/rotate-secret': {
    summary: 'Signs with a new secret, which is in this answer and nowhere else, and for `overlap` with the old ones too.',
    body: RotateSecretBody,
    lenient: true,
    answer: 'WebhookWithSecret',
  },
  'POST /api/webhooks/:webhook/test': {
    summary: 'Sends an event `test` now, once, and says how it went.',
    answer: 'WebhookTest',
  },
  'GET /api/webhooks/:webhook/deliveries': {
    summary: 'What it was sent, waits or was given up, newest first.',
    query: ['state', ...PAGE],
    answer: 'Deliveries',
  },
  'GET /api/webhooks/deliveries': {
    summary: 'Deliveries of all webhooks, newest first.',
    query: ['webhook', 'state', ...PAGE],
    answer: 'Deliveries',
  },
  'POST /api/webhooks/deliveries/:id/resend': {
    summary: 'Sends a delivery again, with all its attempts and under the same `webhook-id`.',
    answer: 'Delivery',
  },
});
