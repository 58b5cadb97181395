import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { auditEntry, type Author } from '../audit/author.js';
import type { AuditAction, AuditEntry } from '../model/audit.js';
import {
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  DeliveryNotFoundError,
  ValidationError,
  WebhookNotFoundError,
} from '../model/errors.js';
import type { ChangeSet, Page, RecordWrite, StoredRecord } from '../model/record.js';
import { toDuration, type Clock, type DurationInput, type Instant } from '../model/time.js';
import type { DeclaredWebhook, WebhookEvent, WebhookRecord, WebhookSecret, WebhookSettings } from '../model/webhook.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { deliveryView, listDeliveries, sentAgain, type DeliveryQuery, type DeliveryView } from './deliveries.js';
import { Dispatcher } from './dispatcher.js';
import { readEvents } from './event-filter.js';
import type { WebhookFormatter } from './formatters.js';
import { outgoingMessage } from './message.js';
import type { WebhookDeclaration, WebhookInput, WebhooksConfig } from './options.js';
import { Outbox, type DescribeChange } from './outbox.js';
import { redacted } from './redaction.js';
import { checkSecret, newSecret, validSecrets } from './secret.js';
import { WebhookSender, type AttemptResult } from './sender.js';
import { readWebhookUrl } from './webhook-url.js';

/** A webhook as operators see it. Its secrets are not shown again after they were made. */
export interface WebhookView extends WebhookSettings {
  readonly key: string;
  readonly enabled: boolean;
  /** Why it is not `enabled`. */
  readonly disabledReason: string;
  readonly secrets: readonly Omit<WebhookSecret, 'value'>[];
  /** Whether the code declares it. */
  readonly declared: boolean;
  readonly createdAt: Instant;
  /** Deliveries that wait or are under way. */
  readonly open: number;
  /** Deliveries that were given up. */
  readonly dead: number;
  /** Revision that last changed it. */
  readonly revision: number;
}

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
  readonly clock: Clock;
  readonly config: WebhooksConfig;
  readonly describe: DescribeChange;
  readonly onError: (what: string, error: unknown) => void;
}

/** What a declaration or an `add` comes to, checked. */
interface Checked {
  readonly key: string;
  readonly settings: WebhookSettings;
  /** As given; `null` = none was. */
  readonly secret: string | null;
}

const DAY_MS = 86_400_000;
/** How long `close` waits for attempts under way. */
const CLOSE_PATIENCE_MS = 3_000;
const MAX_SECRETS = 5;

/**
 * Tells other systems of changes. Webhooks are records: every process over the same store knows them, they can be changed while it runs,
 * and survive a restart.
 *
 * Changes throw `ValidationError`, `WebhookNotFoundError`, `BackendUnavailableError`, and `ConflictError` where `expectedRevision` was
 * given; then nothing was changed.
 */
export class Webhooks {
  readonly #self = randomUUID();
  readonly #formatters: Map<string, WebhookFormatter>;
  readonly #declared: readonly Checked[];
  readonly #outbox: Outbox;
  readonly #sender: WebhookSender;
  readonly #dispatcher: Dispatcher;

  /** @throws {ConfigurationError} for a declared webhook that is wrong */
  constructor(private readonly parts: WebhooksParts) {
    const { state, clock, config } = parts;
    const { guard, allowInsecure, timeoutMs, retryDelays, concurrency } = config;
    this.#formatters = new Map(config.formatters);
    this.#declared = this.#readDeclared(config.declared);
    this.#outbox = new Outbox(this.#self, parts.describe);
    this.#sender = new WebhookSender({ guard, allowInsecure, timeoutMs, clock });
    this.#dispatcher = new Dispatcher({
      self: this.#self,
      state,
      outbox: this.#outbox,
      sender: this.#sender,
      formatters: this.#formatters,
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
    if (this.#declared.length === 0) return;
    try {
      await this.parts.state.change((snapshot) => this.#declarations(snapshot));
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
    }
  }

  /**
   * Adds a webhook. One of that name or, without a name, to that URL is changed rather than added twice, so that code may call this at
   * every boot. Its secret stays then, unless another is given.
   */
  async add(url: string, input: WebhookInput = {}, change: WebhookChange = {}): Promise<AddedWebhook> {
    const { key, settings, secret } = this.#check({ ...input, url });
    let result: Pick<AddedWebhook, 'created' | 'secret'> = { created: false, secret: null };
    await this.#change(key, change, (before, now) => {
      if (before === null) {
        const made = secret ?? newSecret();
        result = { created: true, secret: made };
        return { action: 'webhook_created', after: created(settings, made, null, now) };
      }
      result = { created: false, secret };
      const given = { ...settings, ...untouched(input, before) };
      return { action: 'webhook_updated', after: withSecret({ ...before, ...given }, secret, DAY_MS, now) };
    });
    return { webhook: this.#view(key), ...result };
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
    return this.#edit(key, change, (before) => {
      const { settings } = this.#check({ ...before, ...defined(patch) }, key);
      return { action: 'webhook_updated', after: { ...before, ...settings } };
    });
  }

  /** Tells it of changes again, and first of those that waited when it was disabled. */
  async enable(key: string, change: WebhookChange = {}): Promise<WebhookView> {
    return this.#edit(key, change, (before) => ({
      action: 'webhook_enabled',
      after: { ...before, enabled: true, disabledReason: '' },
    }));
  }

  /** Tells it of no further change. What waits is kept. */
  async disable(key: string, change: WebhookChange = {}): Promise<WebhookView> {
    return this.#edit(key, change, (before) => ({
      action: 'webhook_disabled',
      after: { ...before, enabled: false, disabledReason: change.reason ?? '' },
    }));
  }

  /** Forgets the webhook and its deliveries. One that the code declares comes back with the next boot: disable it instead. */
  async remove(key: string, change: WebhookChange = {}): Promise<void> {
    await this.#change(key, change, (before) => {
      if (before === null) throw new WebhookNotFoundError(key);
      return { action: 'webhook_deleted', after: null };
    });
  }

  /** Signs with a new secret, and with the old ones beside it for a while. @returns the new secret, shown this once */
  async rotateSecret(
    key: string,
    rotation: SecretRotation = {},
    change: WebhookChange = {},
  ): Promise<{ webhook: WebhookView; secret: string }> {
    const overlap = rotation.overlap === 0 ? 0 : toDuration(rotation.overlap ?? DAY_MS, 'overlap');
    const secret = rotation.secret === undefined ? newSecret() : checkSecret(rotation.secret);
    const webhook = await this.#edit(key, change, (before, now) => ({
      action: 'webhook_updated',
      after: withSecret(before, secret, overlap, now),
      reason: 'secret rotated',
    }));
    return { webhook, secret };
  }

  /** Sends a signed event `test` once, now, from this process, whether the webhook is enabled or not. It is not part of the delivery log. */
  async test(key: string, { actor = 'system', platform = 'code', reason = '' }: Author = {}): Promise<AttemptResult> {
    const record = this.#record(key).value;
    const now = this.parts.clock();
    const event: WebhookEvent = {
      id: randomUUID(),
      event: 'test',
      path: `webhook:${key}`,
      reason,
      timestamp: new Date(now).toISOString().replace('Z', '+00:00'),
      state: null,
      revision: 0,
      actor,
      platform,
      service: null,
      before: null,
      after: null,
    };
    try {
      const id = `msg_${randomUUID().replaceAll('-', '')}`;
      return await this.#sender.post(outgoingMessage(id, record, event, this.#formatters, now));
    } catch (error) {
      return { ok: false, status: null, error: error instanceof Error ? error.message : String(error), retryAfter: null };
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

  #edit(
    key: string,
    change: WebhookChange,
    edit: (before: WebhookRecord, now: number) => { action: AuditAction; after: WebhookRecord; reason?: string },
  ): Promise<WebhookView> {
    return this.#change(key, change, (before, now) => {
      if (before === null) throw new WebhookNotFoundError(key);
      return edit(before, now);
    }).then(() => this.#view(key));
  }

  async #change(
    key: string,
    change: WebhookChange,
    edit: (
      before: WebhookRecord | null,
      now: number,
    ) => { readonly action: AuditAction; readonly after: WebhookRecord | null; readonly reason?: string },
  ): Promise<void> {
    const { state, clock } = this.parts;
    const { expectedRevision } = change;
    await state.change(
      (snapshot) => {
        const stored = snapshot.get('webhook', key);
        const expected = stored?.revision ?? 0;
        if (expectedRevision !== undefined && expectedRevision !== expected)
          throw new ConflictError('webhook', key, expectedRevision, expected);
        const now = clock();
        const before = stored?.value ?? null;
        const { action, after, reason = '' } = edit(before, now);
        if (isDeepStrictEqual(before, after)) return null;
        const audit = auditOf(action, key, before, after, { ...change, reason: change.reason ?? reason }, now);
        return { writes: [{ kind: 'webhook', key, expected, value: after }], audit: [audit] };
      },
      { retry: expectedRevision === undefined },
    );
  }

  /** What the store does not know yet of what the code says. Where the code says what it said before, later changes stay. */
  #declarations(snapshot: Snapshot): ChangeSet | null {
    const now = this.parts.clock();
    const author: Author = { actor: 'deploy', platform: 'system' };
    const writes: RecordWrite[] = [];
    const audit: AuditEntry[] = [];
    for (const { key, settings, secret } of this.#declared) {
      const stored = snapshot.get('webhook', key);
      const declared = { ...settings, secretHash: secret === null ? null : hashOf(secret) };
      const before = stored?.value ?? null;
      if (before !== null && isDeepStrictEqual(before.declared, declared)) continue;
      const isNewSecret = secret !== null && before?.declared?.secretHash !== declared.secretHash;
      const after =
        before === null
          ? created(settings, secret ?? newSecret(), declared, now)
          : withSecret({ ...before, ...settings, declared }, isNewSecret ? secret : null, DAY_MS, now);
      writes.push({ kind: 'webhook', key, expected: stored?.revision ?? 0, value: after });
      audit.push(auditOf(before === null ? 'webhook_created' : 'webhook_updated', key, before, after, author, now));
    }
    return writes.length === 0 ? null : { writes, audit };
  }

  /** @throws {ConfigurationError} */
  #readDeclared(declarations: readonly WebhookDeclaration[]): readonly Checked[] {
    const keys = new Set<string>();
    return declarations.map((declaration, index) => {
      try {
        const checked = this.#check(declaration);
        if (keys.has(checked.key))
          throw new ValidationError('name', 'another webhook is called so, or leads to the same URL; name both');
        keys.add(checked.key);
        return checked;
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        throw new ConfigurationError(`Option 'webhooks.declared[${index}].${error.field}': ${error.problem}.`, { cause: error });
      }
    });
  }

  /**
   * @param known the key, where the webhook is there already
   * @throws {ValidationError}
   */
  #check(
    { url: given, name, events = [], formatter = 'waygate', secret, description = '' }: WebhookDeclaration,
    known?: string,
  ): Checked {
    const { guard, allowInsecure } = this.parts.config;
    const url = readWebhookUrl(given, guard, allowInsecure);
    const key = known ?? readName(name) ?? `wh_${hashOf(url).slice(0, 12)}`;
    if (typeof description !== 'string' || description.length > 500)
      throw new ValidationError('description', 'must be text of at most 500 characters');
    const settings = { url, events: readEvents(events), formatter: this.#formatterName(formatter, key), description };
    return { key, settings, secret: secret === undefined ? null : checkSecret(secret) };
  }

  /** A function is kept in this process under a name made from the webhook's; other processes know it when they run the same code. */
  #formatterName(formatter: string | WebhookFormatter, key: string): string {
    const ownName = `code:${key}`;
    if (typeof formatter === 'function') this.#formatters.set(ownName, formatter);
    const name = typeof formatter === 'function' ? ownName : formatter;
    if (this.#formatters.has(name) || name === ownName) return name;
    const names = [...this.#formatters.keys()].filter((each) => !each.startsWith('code:'));
    throw new ValidationError('formatter', `'${String(name)}' is not registered. Use one of ${names.join(', ')}, or a function`);
  }

  #record(key: string): StoredRecord<'webhook'> {
    const stored = this.parts.state.snapshot.get('webhook', key);
    if (stored === undefined) throw new WebhookNotFoundError(key);
    return stored;
  }

  #view(key: string): WebhookView {
    const { value, revision } = this.#record(key);
    const { secrets, declared, ...shown } = value;
    const valid = validSecrets(secrets, this.parts.clock());
    return {
      key,
      ...shown,
      secrets: valid.map(({ value: _value, ...secret }) => secret),
      declared: declared !== null,
      ...this.#outbox.counts(key),
      revision,
    };
  }
}

function created(settings: WebhookSettings, secret: string, declared: DeclaredWebhook | null, now: number): WebhookRecord {
  const createdAt = new Date(now).toISOString();
  const secrets = [{ value: secret, createdAt, expiresAt: null }];
  return { ...settings, secrets, enabled: true, disabledReason: '', declared, createdAt };
}

/** The record with a new first secret (`null` = none), the ones before it expiring after `overlapMs` at the latest. */
function withSecret(record: WebhookRecord, secret: string | null, overlapMs: number, now: number): WebhookRecord {
  if (secret === null || record.secrets[0]?.value === secret) return record;
  const until = new Date(now + overlapMs).toISOString();
  const expiring = validSecrets(record.secrets, now)
    .filter(({ value }) => value !== secret)
    .map((old) => ({ ...old, expiresAt: old.expiresAt === null || old.expiresAt > until ? until : old.expiresAt }));
  const first = { value: secret, createdAt: new Date(now).toISOString(), expiresAt: null };
  return { ...record, secrets: [first, ...expiring].slice(0, MAX_SECRETS) };
}

/** Settings of a webhook that is there already which `input` does not name. */
function untouched(input: WebhookInput, before: WebhookSettings): Partial<WebhookSettings> {
  return {
    ...(input.events === undefined ? { events: before.events } : {}),
    ...(input.formatter === undefined ? { formatter: before.formatter } : {}),
    ...(input.description === undefined ? { description: before.description } : {}),
  };
}

function defined(patch: WebhookPatch): WebhookPatch {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}

function auditOf(
  action: AuditAction,
  key: string,
  before: WebhookRecord | null,
  after: WebhookRecord | null,
  author: Author,
  now: number,
): AuditEntry {
  const hidden = (record: WebhookRecord | null) => (record === null ? null : redacted(record));
  return auditEntry({ action, kind: 'webhook', key, service: null, before: hidden(before), after: hidden(after) }, author, now);
}

/** @throws {ValidationError} */
function readName(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name))
    throw new ValidationError('name', "must have 1 to 128 letters, digits, '.', '_' and '-', the first a letter or digit");
  return name;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
