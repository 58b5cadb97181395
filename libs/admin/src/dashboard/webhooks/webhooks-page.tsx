import type { WebhookView } from '@waygate/core';
import { Badge } from '../ui/badge.js';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { Icon } from '../ui/icon.js';
import { DialogLink, Empty, Live, PageHead } from '../ui/parts.js';
import { useView } from '../ui/view.js';

const { column, numbers, times } = columnsOf<WebhookView>();

export function WebhooksPage({ webhooks }: { readonly webhooks: readonly WebhookView[] }) {
  const { links } = useView();
  return (
    <>
      <PageHead title="Webhooks" note="Other systems that are told of changes.">
        <DialogLink href={links.to('webhooks/new')} class="button primary">
          <Icon name="plus" /> Add webhook
        </DialogLink>
      </PageHead>
      <Live id="webhooks-list" class="list">
        <DataTable
          label="Webhooks"
          rows={webhooks}
          keyOf={({ key }) => key}
          empty={
            <Empty icon="hook" title="No webhooks yet">
              <p>Add one to post changes into a chat, or to wake a system of your own.</p>
            </Empty>
          }
          columns={[
            column('Webhook', ({ key, url, description }) => (
              <>
                <a class="route-link" href={links.webhook(key)}>
                  <strong class="path">{key}</strong>
                </a>{' '}
                <span class="meta path">{url}</span>
                {description === '' ? null : <span class="meta">{description}</span>}
              </>
            )),
            column('State', (webhook) => <WebhookState webhook={webhook} />),
            column('Format', ({ formatter }) => formatter),
            column('Events', ({ events }) => eventsText(events)),
            numbers('Waiting', ({ open }) => open),
            numbers('Given up', ({ dead }) => (dead === 0 ? 0 : <Badge tone="bad">{dead}</Badge>)),
            times('Added', ({ createdAt }) => createdAt),
          ]}
        />
      </Live>
    </>
  );
}

export function eventsText(events: readonly string[]): string {
  return events.length === 0 ? 'every change' : events.join(', ');
}

export function WebhookState({ webhook }: { readonly webhook: WebhookView }) {
  return webhook.enabled ? (
    <Badge tone="good">Enabled</Badge>
  ) : (
    <Badge tone="muted" title={webhook.disabledReason}>
      Disabled
    </Badge>
  );
}
