import { randomUUID } from 'node:crypto';
import type { Author } from '../schema/author.js';
import { BackendUnavailableError, DeliveryNotFoundError, WebhookNotFoundError } from '../model/errors.js';
import type { ChangeSet, Page, RecordWrite, StoredRecord } from '../schema/record.js';
import type { Clock, DurationInput } from '../model/time.js';
import { errorMessage } from '../native-errors/native-error.js';
import { withoutAuthor, type ChangeSink } from '../planning/change-sink.js';
import type { ChangeOf, Planners } from '../planning/plan.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { DeclaredWebhooks } from './declared-webhooks.js';
import { deliveryView, listDeliveries, sentAgain, type DeliveryQuery, type DeliveryView } from './deliveries.js';
import { Dispatcher } from './dispatcher.js';
import { outgoingMessage } from './outgoing-message.js';
import type { WebhookInput, WebhooksConfig } from './webhooks-options.js';
import { Outbox, type DescribeChange } from './outbox.js';
import { newSecret } from './secret.js';
import { WebhookSender, type AttemptResult } from './webhook-sender.js';
import { testEvent } from './test-event.js';
import { WebhookDefinitions } from './webhook-definition.js';
import { webhookPlanners, type WebhookChanges } from './webhook-planners.js';
import { webhookView, type WebhookView } from './webhook-view.js';

export interface AddedWebhook {
  readonly webhook: WebhookView;
  /** To give to the receiver. Shown this once; `null` = the webhook was there already and its secret stays. */
  readonly secret: string | null;
  /** `false` = it was there already and was changed. */
  readonly created: boolean;
}

export interface WebhookChange extends Author {
  /** Refuse with {@link ConflictError} unless the record still is at this revision. */
  readonly expectedRevision?: number;
}

/** What can be changed; what is not named stays. */
export type WebhookPatch = Omit<WebhookInput, 'name' | 'secret'> & { readonly url?: string };

export interface SecretRotation {
  /** `whsec_` and 24 to 64 bytes in base64. Default: one is made. */
  readonly secret?: string;
  /** How long the old secrets sign beside the new one; 0 = not at all. Default 24 h. */
  readonly overlap?: DurationInput;
}

export interface WebhooksParts {
  readonly state: ControlState;
  readonly changes: ChangeSink<ChangeOf<WebhookChanges>>;
  readonly clock: Clock;
  readonly config: WebhooksConfig;
  readonly describe: DescribeChange;
  readonly onError: (what: string, error: unknown) => void;
}

/** How long `close` waits for attempts under way. */
const CLOSE_PATIENCE_MS = 3_000;

/**
 * Tells other systems of changes. Webhooks are records: every process over the same store knows them, they can be changed while it runs,
 * and survive a restart.
 *
 * Changes throw `ValidationError`, `WebhookNotFoundError`, `BackendUnavailableError`, and `ConflictError` where `expectedRevision` was
 * given; then nothing was changed.
 */
export class Webhooks {
  readonly #self = randomUUID();
  readonly #definitions: WebhookDefinitions;
  readonly #declared: DeclaredWebhooks;
  readonly #outbox: Outbox;
  readonly #sender: WebhookSender;
  readonly #dispatcher: Dispatcher;

  /** @throws {ConfigurationError} for a declared webhook that is wrong */
  constructor(private readonly parts: WebhooksParts) {
    const { state, clock, config } = parts;
    const { guard, allowInsecure, timeoutMs, retryDelays, concurrency } = config;
    this.#definitions = new WebhookDefinitions(config);
    this.#declared = new DeclaredWebhooks(config.declared, this.#definitions);
    this.#outbox = new Outbox(this.#self, parts.describe);
    this.#sender = new WebhookSender({ guard, allowInsecure, timeoutMs, clock });
    this.#dispatcher = new Dispatcher({
      self: this.#self,
      state,
      outbox: this.#outbox,
      sender: this.#sender,
      formatters: this.#definitions.formatters,
      clock,
      retryDelays,
      timeoutMs,
      concurrency,
      onError: (error) => parts.onError('A webhook delivery could not be written down', error),
    });
    state.subscribe((change) => {
      if (!change.changes.some(({ kind }) => kind === 'webhook' || kind === 'webhook-delivery')) return;
      this.#outbox.apply(change);
      this.#dispatcher.wake();
    });
  }

  /** Plans changes of webhooks. */
  get planners(): Planners<WebhookChanges> {
    return webhookPlanners(this.#definitions);
  }

  /** The deliveries that a change set brings about, to be committed with it. Never throws: a change is not held up by who is told of it. */
  deliveriesFor(changeSet: ChangeSet, snapshot: Snapshot): readonly RecordWrite[] {
    try {
      return this.#outbox.deliveriesFor(changeSet, snapshot, this.parts.clock());
    } catch (error) {
      this.parts.onError('A change could not be described for webhooks', error);
      return [];
    }
  }

  /** Begins to deliver, unless the option `deliver` leaves that to other processes. */
  start(): void {
    if (this.parts.config.deliver) this.#dispatcher.start();
  }

  /** Waits up to three seconds for deliveries under way; what is not done by then is left in the outbox. */
  async close(): Promise<void> {
    await this.#dispatcher.stop(CLOSE_PATIENCE_MS);
    this.#sender.close();
  }

  /** Writes the webhooks of the code where the store does not have them yet. Done after every reconnection. */
  async synchronise(): Promise<void> {
    if (this.#declared.isEmpty) return;
    try {
      await this.parts.state.change((snapshot) => this.#declared.missingIn(snapshot, this.parts.clock()));
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
    }
  }

  /**
   * Adds a webhook. One of that name or, without a name, to that URL is changed rather than added twice, so that code may call this at
   * every boot. Its secret stays then, unless another is given.
   */
  async add(url: string, input: WebhookInput = {}, change: WebhookChange = {}): Promise<AddedWebhook> {
    const { key, settings, secret } = this.#definitions.read({ ...input, url });
    const initialSecret = newSecret();
    // A formatter that is a function stays in this process; the change names it.
    const formatter = input.formatter === undefined ? undefined : settings.formatter;
    const { base } = await this.parts.changes.applyOne(
      { kind: 'webhook.set', ...withoutAuthor(change), ...input, formatter, url, initialSecret },
      change,
    );
    const created = base.get('webhook', key) === undefined;
    return { webhook: this.#view(key), created, secret: created ? (secret ?? initialSecret) : secret };
  }

  /** All webhooks, sorted by key. */
  async list(): Promise<readonly WebhookView[]> {
    const keys = [...this.parts.state.snapshot.list('webhook')].map(({ key }) => key);
    return keys.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map((key) => this.#view(key));
  }

  async get(key: string): Promise<WebhookView> {
    return this.#view(key);
  }

  /** Changes what is named in `patch`. What waits to be delivered goes where the webhook leads by then. */
  async update(key: string, patch: WebhookPatch, change: WebhookChange = {}): Promise<WebhookView> {
    const { formatter, ...rest } = patch;
    const named = formatter === undefined ? rest : { ...rest, formatter: this.#definitions.formatterName(formatter, key) };
    return this.#edit({ kind: 'webhook.update', ...withoutAuthor(change), key, patch: named }, change);
  }

  /** Tells it of changes again, and first of those that waited when it was disabled. */
  async enable(key: string, change: WebhookChange = {}): Promise<WebhookView> {
    return this.#edit({ kind: 'webhook.enable', ...withoutAuthor(change), key }, change);
  }

  /** Tells it of no further change. What waits is kept. */
  async disable(key: string, change: WebhookChange = {}): Promise<WebhookView> {
    return this.#edit({ kind: 'webhook.disable', ...withoutAuthor(change), key }, change);
  }

  /** Forgets the webhook and its deliveries. One that the code declares comes back with the next boot: disable it instead. */
  async remove(key: string, change: WebhookChange = {}): Promise<void> {
    await this.parts.changes.applyOne({ kind: 'webhook.delete', ...withoutAuthor(change), key }, change);
  }

  /** Signs with a new secret, and with the old ones beside it for a while. @returns the new secret, shown this once */
  async rotateSecret(
    key: string,
    { secret = newSecret(), overlap }: SecretRotation = {},
    change: WebhookChange = {},
  ): Promise<{ webhook: WebhookView; secret: string }> {
    const rotation = { kind: 'webhook.rotate-secret', ...withoutAuthor(change), key, secret, overlap } as const;
    return { webhook: await this.#edit(rotation, change), secret };
  }

  /** Sends a signed event `test` once, now, from this process, whether the webhook is enabled or not. It is not part of the delivery log. */
  async test(key: string, author: Author = {}): Promise<AttemptResult> {
    const record = this.#record(key).value;
    const now = this.parts.clock();
    try {
      const id = `msg_${randomUUID().replaceAll('-', '')}`;
      return await this.#sender.post(outgoingMessage(id, record, testEvent(key, author, now), this.#definitions.formatters, now));
    } catch (error) {
      return { ok: false, status: null, error: errorMessage(error), retryAfter: null };
    }
  }

  /**
   * What was sent, waits or was given up, newest first. Of what is settled the last 100 delivered and 1000 dead of each webhook are kept.
   * @throws {ValidationError}
   */
  async deliveries(query: DeliveryQuery = {}): Promise<Page<DeliveryView>> {
    return listDeliveries(this.parts.state.snapshot, query);
  }

  /**
   * Sends a delivery again, with all its attempts and under the same `webhook-id`; one that waits is sent at once.
   * @throws {DeliveryNotFoundError | BackendUnavailableError}
   */
  async resend(deliveryId: string): Promise<DeliveryView> {
    const { state, clock } = this.parts;
    await state.change((snapshot) => {
      const value = sentAgain(snapshot, deliveryId, clock(), this.#self);
      if (value === null) return null;
      const expected = snapshot.get('webhook-delivery', deliveryId)?.revision ?? 0;
      return { writes: [{ kind: 'webhook-delivery', key: deliveryId, expected, value }], audit: [] };
    });
    const stored = state.snapshot.get('webhook-delivery', deliveryId);
    if (stored === undefined) throw new DeliveryNotFoundError(deliveryId);
    return deliveryView(stored);
  }

  async #edit(change: ChangeOf<WebhookChanges> & { readonly key: string }, author: Author): Promise<WebhookView> {
    await this.parts.changes.applyOne(change, author);
    return this.#view(change.key);
  }

  #record(key: string): StoredRecord<'webhook'> {
    const stored = this.parts.state.snapshot.get('webhook', key);
    if (stored === undefined) throw new WebhookNotFoundError(key);
    return stored;
  }

  #view(key: string): WebhookView {
    return webhookView(this.#record(key), this.#outbox.counts(key), this.parts.clock());
  }
}
