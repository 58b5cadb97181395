import type { DeliveryState, DeliveryView, WebhookView } from '@waygate/core';
import { Csrf } from '../page/layout.js';
import type { Links } from '../page/links.js';
import { Badge, type Tone } from '../ui/badge.js';
import { ACTIONS, DataTable, numeric } from '../ui/data-table.js';
import { Icon } from '../ui/icon.js';
import { LogPager } from '../ui/pager.js';
import { DialogLink, Empty, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';

interface WebhooksPageProps {
  readonly webhooks: readonly WebhookView[];
  readonly links: Links;
  readonly now: number;
}

export function WebhooksPage({ webhooks, links, now }: WebhooksPageProps) {
  return (
    <>
      <PageHead title="Webhooks" note="Other systems that are told of changes.">
        <DialogLink href={links.to('webhooks/new')} class="button primary">
          <Icon name="plus" /> Add webhook
        </DialogLink>
      </PageHead>
      <Live id="webhooks-list" class="list">
        {webhooks.length === 0 ? (
          <Empty icon="hook" title="No webhooks yet">
            <p>Add one to post changes into a chat, or to wake a system of your own.</p>
          </Empty>
        ) : (
          <DataTable
            label="Webhooks"
            columns={['Webhook', 'State', 'Format', 'Events', numeric('Waiting'), numeric('Given up'), 'Added']}
          >
            {webhooks.map((webhook) => (
              <tr key={webhook.key}>
                <td>
                  <a class="route-link" href={links.webhook(webhook.key)}>
                    <strong class="path">{webhook.key}</strong>
                  </a>{' '}
                  <span class="meta path">{webhook.url}</span>
                  {webhook.description === '' ? null : <span class="meta">{webhook.description}</span>}
                </td>
                <td>
                  <WebhookState webhook={webhook} />
                </td>
                <td>{webhook.formatter}</td>
                <td>{webhook.events.length === 0 ? 'every change' : webhook.events.join(', ')}</td>
                <td class="num" data-label="waiting">
                  {webhook.open}
                </td>
                <td class="num" data-label="given up">
                  {webhook.dead === 0 ? 0 : <Badge tone="bad">{webhook.dead}</Badge>}
                </td>
                <td class="nowrap">
                  <Time at={webhook.createdAt} now={now} />
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      </Live>
    </>
  );
}

function WebhookState({ webhook }: { readonly webhook: WebhookView }) {
  return webhook.enabled ? (
    <Badge tone="good">Enabled</Badge>
  ) : (
    <Badge tone="muted" title={webhook.disabledReason}>
      Disabled
    </Badge>
  );
}

interface WebhookPageProps {
  readonly webhook: WebhookView;
  readonly deliveries: readonly DeliveryView[];
  readonly next: string | null;
  readonly state: DeliveryState | '';
  readonly csrf: string | null;
  readonly links: Links;
  readonly now: number;
}

export function WebhookPage({ webhook, deliveries, next, state, csrf, links, now }: WebhookPageProps) {
  const here = links.webhook(webhook.key);
  return (
    <>
      <p class="crumbs">
        <a href={links.to('webhooks')}>Webhooks</a>
      </p>
      <Live id="webhook">
        <PageHead
          title={
            <>
              <span class="path">{webhook.key}</span> <WebhookState webhook={webhook} />
            </>
          }
          note={webhook.description}
        >
          <DialogLink href={`${here}/test`}>Send a test</DialogLink>
          <DialogLink href={`${here}/edit`}>Edit</DialogLink>
          <DialogLink href={`${here}/rotate`}>Rotate secret</DialogLink>
          <DialogLink href={`${here}/${webhook.enabled ? 'disable' : 'enable'}`}>
            {webhook.enabled ? 'Disable' : 'Enable'}
          </DialogLink>
          <DialogLink href={`${here}/delete`}>Delete</DialogLink>
        </PageHead>
        <Panel title="Webhook">
          <Facts
            rows={[
              ['URL', <code class="path">{webhook.url}</code>],
              ['Events', webhook.events.length === 0 ? 'every change' : webhook.events.join(', ')],
              ['Format', webhook.formatter],
              [
                'Secrets',
                webhook.secrets.map(({ createdAt, expiresAt }) => (
                  <span class="meta" key={createdAt}>
                    <span>
                      made <Time at={createdAt} now={now} />
                    </span>
                    {expiresAt === null ? null : (
                      <span>
                        signs until <Time at={expiresAt} now={now} />
                      </span>
                    )}
                  </span>
                )),
              ],
              ['Comes from', webhook.declared ? 'the code' : 'an operator'],
              webhook.enabled ? null : ['Disabled because', webhook.disabledReason || 'no reason given'],
            ]}
          />
        </Panel>
        <Deliveries deliveries={deliveries} next={next} state={state} here={here} csrf={csrf} links={links} now={now} />
      </Live>
    </>
  );
}

const TONES: Readonly<Record<DeliveryState, Tone>> = { pending: 'info', claimed: 'info', delivered: 'good', dead: 'bad' };
const NAMES: Readonly<Record<DeliveryState, string>> = {
  pending: 'Waiting',
  claimed: 'Sending',
  delivered: 'Delivered',
  dead: 'Given up',
};

function Deliveries({
  deliveries,
  next,
  state,
  here,
  csrf,
  links,
  now,
}: Omit<WebhookPageProps, 'webhook'> & { readonly here: string }) {
  const tab = (value: DeliveryState | '', text: string) => (
    <a class="tab" href={value === '' ? here : `${here}?state=${value}`} aria-current={state === value ? 'true' : undefined}>
      {text}
    </a>
  );
  return (
    <section class="list" aria-label="Deliveries">
      <nav class="tabs" aria-label="State of deliveries">
        {tab('', 'All deliveries')}
        {tab('pending', 'Waiting')}
        {tab('delivered', 'Delivered')}
        {tab('dead', 'Given up')}
      </nav>
      {deliveries.length === 0 ? (
        <Empty icon="hook" title="No deliveries here">
          <p>Change something: it is told of it at once.</p>
        </Empty>
      ) : (
        <DataTable label="Log of deliveries" columns={['When', 'Event', 'State', numeric('Attempts'), 'Answer', ACTIONS]}>
          {deliveries.map((delivery) => (
            <tr key={delivery.id}>
              <td class="nowrap">
                <Time at={delivery.createdAt} now={now} />
              </td>
              <td>
                {delivery.event.event} <code class="path">{delivery.event.path}</code>
              </td>
              <td>
                <Badge tone={TONES[delivery.state]}>{NAMES[delivery.state]}</Badge>
              </td>
              <td class="num" data-label="attempts">
                {delivery.attempts}
              </td>
              <td class="path">
                {delivery.lastStatus ?? ''} {delivery.lastError}
                {delivery.nextAttemptAt === null ? null : (
                  <span class="meta">
                    next <Time at={delivery.nextAttemptAt} now={now} />
                  </span>
                )}
              </td>
              <td class="cell-actions">
                <Resend id={delivery.id} csrf={csrf} links={links} />
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      <LogPager
        noun="deliveries"
        newest={null}
        older={next === null ? null : `${here}?${new URLSearchParams({ state, cursor: next }).toString()}`}
      />
    </section>
  );
}

function Resend({ id, csrf, links }: { readonly id: string; readonly csrf: string | null; readonly links: Links }) {
  const action = links.to(`webhooks/deliveries/${id}/resend`);
  return (
    <form method="post" action={action} hx-post={action} class="inline">
      <Csrf token={csrf} />
      <button class="button small">Resend</button>
    </form>
  );
}
