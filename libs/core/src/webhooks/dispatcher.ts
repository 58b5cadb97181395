import { EngineClosedError } from '../model/errors.js';
import type { ChangeSet, RecordWrite } from '../schema/record.js';
import { instantMs, type Clock } from '../model/time.js';
import { errorMessage } from '../native-errors/native-error.js';
import type { DeliveryProgress, WebhookDeliveryRecord, WebhookRecord } from '../schema/webhook.js';
import { Backoff } from '../state/backoff.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import type { WebhookFormatter } from './formatters.js';
import { outgoingMessage } from './outgoing-message.js';
import type { Outbox } from './outbox.js';
import { retryDelay } from './retry-plan.js';
import type { AttemptResult, WebhookSender } from './webhook-sender.js';
import { webhookAudit } from './webhook-audit.js';

export interface DispatcherOptions {
  /** Names this process among those that share the store. */
  readonly self: string;
  readonly state: ControlState;
  readonly outbox: Outbox;
  readonly sender: WebhookSender;
  readonly formatters: ReadonlyMap<string, WebhookFormatter>;
  readonly clock: Clock;
  readonly retryDelays: readonly number[];
  readonly timeoutMs: number;
  /** Deliveries at a time to one webhook. */
  readonly concurrency: number;
  readonly onError: (error: unknown) => void;
  readonly random?: () => number;
}

/** A delivery this process may send until its claim runs out. */
interface Claim {
  readonly id: string;
  readonly value: WebhookDeliveryRecord;
  readonly revision: number;
  readonly until: string;
}

interface Running {
  readonly webhook: string;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** Deliveries at a time to all webhooks, as a multiple of those to one. */
const WEBHOOKS_AT_A_TIME = 16;
/** How long one answer with `Retry-After` holds back the other deliveries of its webhook at most, in ms. */
const LONGEST_HOLD_MS = 60_000;
/** What a claim lasts beyond twice an attempt's timeout: time to write down what became of it. */
const CLAIM_MARGIN_MS = 2_000;
/** No sleep is longer, so that a clock that leaps is noticed. */
const LONGEST_SLEEP_MS = 15_000;
const MAX_SWEPT = 200;
/** A delivery whose formatter this process lacks is left to those that have it for so long; then it says what is missing. In ms. */
const WITHOUT_FORMATTER_MS = 3_000;

/**
 * Sends what is in the outbox. Any number of processes may run one over the same store: a delivery is claimed by compare-and-set before
 * it is sent, and the claim of a process that died runs out, so that another takes over.
 */
export class Dispatcher {
  readonly #running = new Map<string, Running>();
  /** Webhooks whose last attempt failed, and until when they asked to be left alone, epoch ms. */
  readonly #failing = new Map<string, number>();
  readonly #random: () => number;
  /** Left to the process that wrote a delivery before this one takes it; differs from process to process. */
  readonly #patience: number;
  readonly #unavailable = new Backoff({ firstMs: 250, maxMs: 5_000 });
  #state: 'idle' | 'started' | 'stopped' = 'idle';
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #round: Promise<void> | undefined;
  #again = false;

  constructor(private readonly options: DispatcherOptions) {
    this.#random = options.random ?? Math.random;
    this.#patience = 250 + 750 * this.#random();
  }

  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'started';
    this.wake();
  }

  /** Something may be due: looks soon, but not in the turn of who changed something. */
  wake(): void {
    if (this.#state !== 'started') return;
    if (this.#round !== undefined) this.#again = true;
    else this.#soon ??= setImmediate(() => this.#begin());
  }

  /** Ends within about `patienceMs`: attempts that take longer are broken off and left to others. */
  async stop(patienceMs: number): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    await this.#finished(patienceMs);
    for (const { controller } of this.#running.values()) controller.abort();
    await this.#finished(1_000);
  }

  async #finished(patienceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    const all = async () => {
      await this.#round;
      await Promise.all([...this.#running.values()].map(({ done }) => done));
    };
    await Promise.race([all(), patience]);
    clearTimeout(timer);
  }

  #begin(): void {
    this.#soon = undefined;
    clearTimeout(this.#timer);
    this.#again = false;
    this.#round = this.#look()
      .then(() => this.#unavailable.reset())
      .catch((error: unknown) => {
        // The store is away. Everything that waits is in it, and goes on when it is back.
        this.#again = false;
        if (!(error instanceof EngineClosedError)) this.#sleep(this.#unavailable.next());
      })
      .finally(() => {
        this.#round = undefined;
        if (this.#again) this.wake();
      });
  }

  async #look(): Promise<void> {
    const { clock, outbox } = this.options;
    const patience = (webhook: string, writer: string) => this.#leaves(webhook, writer);
    const ids = outbox.due(clock(), patience, (webhook) => this.#free(webhook)).slice(0, this.#freeAtAll());
    if (ids.length > 0) for (const claim of await this.#claim(ids)) this.#run(claim);
    await this.#sweep();
    const now = clock();
    const held = [...this.#failing.values()].filter((until) => until > now);
    const next = Math.min(
      outbox.nextDue(patience, (webhook) => this.#free(webhook)),
      ...held,
    );
    if (next !== Infinity) this.#sleep(this.#freeAtAll() > 0 ? next - now : LONGEST_SLEEP_MS);
  }

  #sleep(ms: number): void {
    if (this.#state !== 'started') return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(ms, 1), LONGEST_SLEEP_MS));
    this.#timer.unref();
  }

  /** How many more of a webhook may be sent now. One that fails gets one at a time, so that it takes up no room of the others. */
  #free(webhook: string): number {
    if (this.#webhook(webhook)?.enabled !== true) return 0;
    const heldUntil = this.#failing.get(webhook);
    if (heldUntil !== undefined && heldUntil > this.options.clock()) return 0;
    let running = 0;
    for (const each of this.#running.values()) if (each.webhook === webhook) running++;
    return (heldUntil === undefined ? this.options.concurrency : 1) - running;
  }

  #freeAtAll(): number {
    return this.options.concurrency * WEBHOOKS_AT_A_TIME - this.#running.size;
  }

  /** How long a delivery is left to others, in ms: to its writer, which is nearer; where this process cannot write it, to any. */
  #leaves(webhook: string, writer: string): number {
    const formatter = this.#webhook(webhook)?.formatter;
    if (formatter !== undefined && !this.options.formatters.has(formatter)) return WITHOUT_FORMATTER_MS;
    return writer === this.options.self ? 0 : this.#patience;
  }

  #webhook(key: string, snapshot: Snapshot = this.options.state.snapshot): WebhookRecord | undefined {
    return snapshot.get('webhook', key)?.value;
  }

  /** Of some deliveries, those that this process got. The others were taken by somebody else. */
  async #claim(ids: readonly string[]): Promise<readonly Claim[]> {
    const { state, clock, self, timeoutMs, retryDelays } = this.options;
    let claims: Claim[] = [];
    await state.change((snapshot) => {
      claims = [];
      const writes: RecordWrite<'webhook-delivery'>[] = [];
      const now = clock();
      const until = new Date(now + 2 * timeoutMs + CLAIM_MARGIN_MS).toISOString();
      for (const id of ids) {
        const stored = snapshot.get('webhook-delivery', id);
        if (stored === undefined || this.#running.has(id) || !isClaimable(stored.value.progress, now)) continue;
        // A delivery that was never claimed still is at the revision of the change it tells.
        const revision = stored.value.revision ?? stored.revision;
        const attempts = stored.value.attempts + 1;
        const spent = attempts > retryDelays.length + 1;
        const value: WebhookDeliveryRecord = spent
          ? { ...stored.value, revision, ...givenUp('the process that made the last attempt ended during it', now) }
          : { ...stored.value, revision, attempts, progress: { state: 'claimed', until, by: self } };
        writes.push({ kind: 'webhook-delivery', key: id, expected: stored.revision, value });
        if (!spent) claims.push({ id, value, revision, until });
      }
      return writes.length === 0 ? null : { writes, audit: [] };
    });
    return claims;
  }

  #run(claim: Claim): void {
    const { webhook } = claim.value;
    const controller = new AbortController();
    const done = this.#deliver(claim, controller.signal)
      .catch((error: unknown) => this.options.onError(error))
      .finally(() => {
        this.#running.delete(claim.id);
        this.wake();
      });
    this.#running.set(claim.id, { webhook, controller, done });
  }

  async #deliver(claim: Claim, signal: AbortSignal): Promise<void> {
    const { state, clock } = this.options;
    const result = await this.#attempt(claim, signal);
    if (result?.ok === true) this.#failing.delete(claim.value.webhook);
    else if (result !== null) this.#failing.set(claim.value.webhook, clock() + Math.min(result.retryAfter ?? 0, LONGEST_HOLD_MS));
    const backoff = new Backoff({ firstMs: 50, maxMs: 2_000 });
    for (;;) {
      try {
        await state.change((snapshot) => this.#settlement(claim, result, snapshot));
        return;
      } catch (error) {
        // When the claim has run out, somebody else sends it again: at least once.
        if (error instanceof EngineClosedError || clock() > instantMs(claim.until)) return;
        await new Promise((resolve) => setTimeout(resolve, backoff.next()).unref());
      }
    }
  }

  /** `null` = it was not tried after all, or broken off: as if it had not been claimed. */
  async #attempt({ id, value, revision }: Claim, signal: AbortSignal): Promise<AttemptResult | null> {
    const { sender, formatters, clock } = this.options;
    const webhook = this.#webhook(value.webhook);
    if (webhook?.enabled !== true) return null;
    try {
      const message = outgoingMessage(id, webhook, { ...value.event, revision }, formatters, clock());
      const result = await sender.post(message, signal);
      return signal.aborted && !result.ok ? null : result;
    } catch (error) {
      return { ok: false, status: null, error: errorMessage(error), retryAfter: null };
    }
  }

  /** What to write down about an attempt; `null` = the claim has been taken over, and what became of it is not ours to say. */
  #settlement({ id, value, until }: Claim, result: AttemptResult | null, snapshot: Snapshot): ChangeSet | null {
    const { self, clock } = this.options;
    const stored = snapshot.get('webhook-delivery', id);
    const progress = stored?.value.progress;
    if (stored === undefined || progress?.state !== 'claimed' || progress.by !== self || progress.until !== until) return null;
    const now = clock();
    const after = this.#afterAttempt(value, result, now);
    const settled: RecordWrite = { kind: 'webhook-delivery', key: id, expected: stored.revision, value: after };
    const gone = result?.status === 410 ? switchedOff(value.webhook, snapshot, now) : null;
    const isSettled = after.progress.state === 'delivered' || after.progress.state === 'dead';
    const surplus = isSettled ? deletions(this.options.outbox.surplus(value.webhook), snapshot) : [];
    return {
      writes: [settled, ...(gone?.writes ?? []), ...surplus.filter(({ key }) => key !== id)],
      audit: gone?.audit ?? [],
    };
  }

  #afterAttempt(value: WebhookDeliveryRecord, result: AttemptResult | null, now: number): WebhookDeliveryRecord {
    const { self, retryDelays } = this.options;
    if (result === null) return { ...value, attempts: value.attempts - 1, progress: pendingFrom(now, '') };
    const last = { lastStatus: result.status, lastError: result.error };
    if (result.ok) return { ...value, ...last, progress: { state: 'delivered', at: new Date(now).toISOString() } };
    const delay = result.status === 410 ? null : retryDelay(value.attempts, retryDelays, result.retryAfter, this.#random());
    if (delay === null) return { ...value, ...last, ...givenUp(result.error, now) };
    return { ...value, ...last, progress: pendingFrom(now + delay, self) };
  }

  /** Removes deliveries whose webhook was removed. */
  async #sweep(): Promise<void> {
    const { state, outbox } = this.options;
    const orphans = outbox.orphans((webhook) => this.#webhook(webhook) !== undefined, MAX_SWEPT);
    if (orphans.length === 0) return;
    for (const webhook of this.#failing.keys()) if (this.#webhook(webhook) === undefined) this.#failing.delete(webhook);
    await state.change((snapshot) => {
      const still = orphans.filter((id) => {
        const webhook = snapshot.get('webhook-delivery', id)?.value.webhook;
        return webhook !== undefined && this.#webhook(webhook, snapshot) === undefined;
      });
      return still.length === 0 ? null : { writes: deletions(still, snapshot), audit: [] };
    });
    if (orphans.length === MAX_SWEPT) this.#again = true;
  }
}

function isClaimable(progress: DeliveryProgress, now: number): boolean {
  if (progress.state === 'pending') return instantMs(progress.dueAt) <= now;
  return progress.state === 'claimed' && instantMs(progress.until) <= now;
}

function pendingFrom(dueMs: number, by: string): DeliveryProgress {
  return { state: 'pending', dueAt: new Date(dueMs).toISOString(), by };
}

function givenUp(lastError: string, now: number): Pick<WebhookDeliveryRecord, 'lastError' | 'progress'> {
  return { lastError, progress: { state: 'dead', at: new Date(now).toISOString() } };
}

/** The webhook's receiver says that it is gone for good. */
function switchedOff(key: string, snapshot: Snapshot, now: number): ChangeSet | null {
  const stored = snapshot.get('webhook', key);
  if (stored?.value.enabled !== true) return null;
  const reason = 'The receiver answered 410 Gone';
  const after: WebhookRecord = { ...stored.value, enabled: false, disabledReason: reason };
  const audit = webhookAudit('webhook_disabled', key, stored.value, after, { actor: 'system', platform: 'system', reason }, now);
  return { writes: [{ kind: 'webhook', key, expected: stored.revision, value: after }], audit: [audit] };
}

function deletions(ids: readonly string[], snapshot: Snapshot): readonly RecordWrite<'webhook-delivery'>[] {
  return ids.flatMap((key) => {
    const stored = snapshot.get('webhook-delivery', key);
    return stored === undefined ? [] : [{ kind: 'webhook-delivery', key, expected: stored.revision, value: null }];
  });
}
