import type { DeliveryState, DeliveryView, WebhookView } from '@waygate/core';
import { Crumbs, DialogLink, Facts, Live, PageHead, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { Deliveries } from './deliveries.js';
import { eventsText, WebhookState } from './webhooks-page.js';

interface WebhookPageProps {
  readonly webhook: WebhookView;
  readonly deliveries: readonly DeliveryView[];
  readonly next: string | null;
  readonly state: DeliveryState | '';
}

export function WebhookPage({ webhook, deliveries, next, state }: WebhookPageProps) {
  const { links } = useView();
  const here = links.webhook(webhook.key);
  return (
    <>
      <Crumbs to="webhooks">Webhooks</Crumbs>
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
              ['Events', eventsText(webhook.events)],
              ['Format', webhook.formatter],
              [
                'Secrets',
                webhook.secrets.map(({ createdAt, expiresAt }) => (
                  <span class="meta" key={createdAt}>
                    <span>
                      made <Time at={createdAt} />
                    </span>
                    {expiresAt === null ? null : (
                      <span>
                        signs until <Time at={expiresAt} />
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
        <Deliveries deliveries={deliveries} next={next} state={state} here={here} />
      </Live>
    </>
  );
}
