import type { DeliveryState, DeliveryView } from '@waygate/core';
import { Badge, type Tone } from '../ui/badge.js';
import { columnsOf, DataTable } from '../ui/data-table.js';
import { LogPager } from '../ui/pager.js';
import { Empty } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { Csrf, useView } from '../ui/view.js';

const TONES: Readonly<Record<DeliveryState, Tone>> = { pending: 'info', claimed: 'info', delivered: 'good', dead: 'bad' };
const NAMES: Readonly<Record<DeliveryState, string>> = {
  pending: 'Waiting',
  claimed: 'Sending',
  delivered: 'Delivered',
  dead: 'Given up',
};
const TABS = ['pending', 'delivered', 'dead'] as const;

interface DeliveriesProps {
  readonly deliveries: readonly DeliveryView[];
  /** Cursor of the page after this one; `null` = there is none. */
  readonly next: string | null;
  /** Empty = all. */
  readonly state: DeliveryState | '';
  /** URL of the webhook's page. */
  readonly here: string;
}

const { actions, column, numbers, times } = columnsOf<DeliveryView>();

/** What was sent to a webhook, and what it answered. */
export function Deliveries({ deliveries, next, state, here }: DeliveriesProps) {
  const tab = (value: DeliveryState | '', text: string) => (
    <a
      key={value}
      class="tab"
      href={value === '' ? here : `${here}?state=${value}`}
      aria-current={state === value ? 'true' : undefined}
    >
      {text}
    </a>
  );
  return (
    <section class="list" aria-label="Deliveries">
      <nav class="tabs" aria-label="State of deliveries">
        {tab('', 'All deliveries')}
        {TABS.map((value) => tab(value, NAMES[value]))}
      </nav>
      <DataTable
        label="Log of deliveries"
        rows={deliveries}
        keyOf={({ id }) => id}
        empty={
          <Empty icon="hook" title="No deliveries here">
            <p>Change something: it is told of it at once.</p>
          </Empty>
        }
        columns={[
          times('When', ({ createdAt }) => createdAt),
          column('Event', ({ event: { event, path } }) => (
            <>
              {event} <code class="path">{path}</code>
            </>
          )),
          column('State', (delivery) => <Badge tone={TONES[delivery.state]}>{NAMES[delivery.state]}</Badge>),
          numbers('Attempts', ({ attempts }) => attempts),
          column('Answer', (delivery) => <Answer delivery={delivery} />, { cellClass: 'path' }),
          actions(({ id }) => <Resend id={id} />),
        ]}
      />
      <LogPager
        noun="deliveries"
        newest={null}
        older={next === null ? null : `${here}?${new URLSearchParams({ state, cursor: next }).toString()}`}
      />
    </section>
  );
}

function Answer({ delivery: { lastStatus, lastError, nextAttemptAt } }: { readonly delivery: DeliveryView }) {
  return (
    <>
      {lastStatus ?? ''} {lastError}
      {nextAttemptAt === null ? null : (
        <span class="meta">
          next <Time at={nextAttemptAt} />
        </span>
      )}
    </>
  );
}

function Resend({ id }: { readonly id: string }) {
  const action = useView().links.to(`webhooks/deliveries/${id}/resend`);
  return (
    <form method="post" action={action} hx-post={action} class="inline">
      <Csrf />
      <button class="button small">Resend</button>
    </form>
  );
}
