import type { AuditAction } from '../model/vocabulary.js';
import { WebhookNotFoundError } from '../model/errors.js';
import { toDuration, type DurationInput } from '../model/time.js';
import type { WebhookRecord, WebhookSettings } from '../schema/webhook.js';
import { planFor, type ChangeOptions, type Edit, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import type { WebhookInput } from './webhooks-options.js';
import { redacted } from './redacted.js';
import { checkSecret, newSecret, SECRET_OVERLAP_MS } from './secret.js';
import type { WebhookDefinitions } from './webhook-definition.js';
import { newWebhook, withSecret } from './webhook-record.js';

interface WebhookTarget extends ChangeOptions {
  readonly key: string;
}

/** What a webhook is made from, as plain data: a formatter is named. */
type PlainWebhookInput = Omit<WebhookInput, 'formatter'> & { readonly formatter?: string };

/** Changes of webhooks, by kind. Secrets are part of the change; they never reach the audit log or a preview. */
export interface WebhookChanges {
  /** Adds a webhook, or changes the one of that name or, without a name, to that URL. */
  'webhook.set': ChangeOptions &
    PlainWebhookInput & {
      readonly url: string;
      /** Used only when the webhook does not exist yet and `secret` is not given. Default: one is made. */
      readonly initialSecret?: string;
    };
  'webhook.update': WebhookTarget & { readonly patch: Omit<PlainWebhookInput, 'name' | 'secret'> & { readonly url?: string } };
  'webhook.enable': WebhookTarget;
  'webhook.disable': WebhookTarget;
  'webhook.delete': WebhookTarget;
  'webhook.rotate-secret': WebhookTarget & {
    readonly secret: string;
    /** How long the old secrets sign beside the new one; 0 = not at all. Default 24 h. */
    readonly overlap?: DurationInput;
  };
}

export function webhookPlanners(definitions: WebhookDefinitions): Planners<WebhookChanges> {
  return {
    'webhook.set': ({ reason: _reason, expectedRevision: _revision, initialSecret, ...input }, context) => {
      const { key, settings, secret } = definitions.read(input);
      const first = secret ?? (initialSecret === undefined ? newSecret() : checkSecret(initialSecret));
      return written(key, context, (before) => {
        if (before === null) return { action: 'webhook_created', after: newWebhook(settings, first, null, context.now) };
        const given = { ...before, ...settings, ...untouched(input, before) };
        return { action: 'webhook_updated', after: withSecret(given, secret, SECRET_OVERLAP_MS, context.now) };
      });
    },
    'webhook.update': ({ key, patch }, context) =>
      edited(key, context, 'webhook_updated', (before) => {
        const { settings } = definitions.read({ ...before, ...definedOf(patch) }, key);
        return { ...before, ...settings };
      }),
    'webhook.enable': ({ key }, context) =>
      edited(key, context, 'webhook_enabled', (before) => ({ ...before, enabled: true, disabledReason: '' })),
    'webhook.disable': ({ key }, context) =>
      edited(key, context, 'webhook_disabled', (before) => ({ ...before, enabled: false, disabledReason: context.reason })),
    'webhook.delete': ({ key }, context) => edited(key, context, 'webhook_deleted', () => null),
    'webhook.rotate-secret': ({ key, secret: given, overlap = SECRET_OVERLAP_MS }, context) => {
      const overlapMs = overlap === 0 ? 0 : toDuration(overlap, 'overlap');
      const secret = checkSecret(given);
      const edit = (before: WebhookRecord) => withSecret(before, secret, overlapMs, context.now);
      return edited(key, context, 'webhook_updated', edit, 'secret rotated');
    },
  };
}

/** Edits a webhook that exists. */
function edited(
  key: string,
  context: PlanContext,
  action: AuditAction,
  edit: (before: WebhookRecord) => WebhookRecord | null,
  summary = '',
): Plan {
  return written(key, context, (before) => {
    if (before === null) throw new WebhookNotFoundError(key);
    return { action, after: edit(before), summary };
  });
}

function written(key: string, context: PlanContext, edit: (before: WebhookRecord | null) => Edit<'webhook'>): Plan {
  return planFor({ kind: 'webhook', key, redact: redacted, edit }, context);
}

/** Settings of a webhook that exists which `input` does not name. */
function untouched(input: WebhookInput, before: WebhookSettings): Partial<WebhookSettings> {
  return {
    ...(input.events === undefined ? { events: before.events } : {}),
    ...(input.formatter === undefined ? { formatter: before.formatter } : {}),
    ...(input.description === undefined ? { description: before.description } : {}),
  };
}

function definedOf<T extends object>(patch: T): Partial<T> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<T>;
}
