import { instantOnWire, type DeliveryView, type WebhookView } from '@waygate/core';
import { wireTimeOrNull } from '../http/wire-time.js';

/**
 * A webhook on the wire.
 * @param withUrl `false` = of the URL only the host: for Slack and others, whoever knows all of it can post there
 */
export function webhookWire(view: WebhookView, withUrl: boolean): object {
  return {
    key: view.key,
    url: withUrl ? view.url : `${new URL(view.url).origin}/***`,
    events: view.events,
    formatter: view.formatter,
    description: view.description,
    enabled: view.enabled,
    disabled_reason: view.disabledReason,
    declared: view.declared,
    secrets: view.secrets.map(({ createdAt, expiresAt }) => ({
      created_at: instantOnWire(createdAt),
      expires_at: wireTimeOrNull(expiresAt),
    })),
    open: view.open,
    dead: view.dead,
    created_at: instantOnWire(view.createdAt),
    revision: view.revision,
  };
}

/** A delivery on the wire. What the event says about a record's state is left out: receivers get that. */
export function deliveryWire(view: DeliveryView): object {
  const { event } = view;
  return {
    id: view.id,
    webhook: view.webhook,
    state: view.state,
    event: event.event,
    path: event.path,
    service: event.service,
    actor: event.actor,
    reason: event.reason,
    event_revision: event.revision,
    attempts: view.attempts,
    next_attempt_at: wireTimeOrNull(view.nextAttemptAt),
    settled_at: wireTimeOrNull(view.settledAt),
    last_status: view.lastStatus,
    last_error: view.lastError,
    created_at: instantOnWire(view.createdAt),
  };
}
