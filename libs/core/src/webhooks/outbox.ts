import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../schema/audit.js';
import type { ChangeSet, RecordWrite } from '../schema/record.js';
import type { RouteRecord } from '../schema/route.js';
import { instantMs } from '../model/time.js';
import type { WebhookDeliveryRecord, WebhookEvent, WebhookEventName } from '../schema/webhook.js';
import type { StateChange } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { eventMatches } from './event-filter.js';

/** Describes an audit entry; given by the engine, which knows every capability. */
export type DescribeChange = (
  entry: AuditEntry,
  route: RouteRecord | null,
  now: number,
) => { readonly event: Omit<WebhookEvent, 'revision'>; readonly alias: WebhookEventName | null };

/** Deliveries of one webhook that are not settled; of more the newest are given up at once, so that a dead target cannot fill the store. */
const MAX_OPEN = 10_000;
/** Settled deliveries kept for each webhook. */
const KEPT = { delivered: 100, dead: 1_000 } as const;
/** How many more than are kept may gather before the oldest are forgotten together. */
const SLACK = 1.2;

/** How long a delivery is left to other processes, in ms. */
export type Patience = (webhook: string, writer: string) => number;

/** The deliveries of one webhook, by id. */
interface Lane {
  /** When each may be claimed, as in its record, epoch ms. */
  readonly open: Map<string, { readonly dueMs: number; readonly by: string }>;
  /** When each was settled, epoch ms. */
  readonly delivered: Map<string, number>;
  readonly dead: Map<string, number>;
}

/** What is to be delivered: makes delivery records out of changes, and knows which of those in the store are due. */
export class Outbox {
  readonly #lanes = new Map<string, Lane>();

  /** @param self names this process among those that share the store */
  constructor(
    private readonly self: string,
    private readonly describe: DescribeChange,
  ) {}

  /**
   * The delivery records that a change set brings about. They are committed with it, so that whoever hears of the change being done
   * knows that webhooks will be told, whatever happens to this process.
   */
  deliveriesFor({ writes, audit }: ChangeSet, snapshot: Snapshot, now: number): readonly RecordWrite[] {
    if (audit.length === 0 || snapshot.count('webhook') === 0) return [];
    const deliveries: RecordWrite[] = [];
    for (const entry of audit) {
      const { event, alias } = this.describe(entry, routeOf(entry, writes, snapshot), now);
      for (const { key: webhook, value } of snapshot.list('webhook')) {
        if (!value.enabled) continue;
        const name = [event.event, alias].find((each) => each !== null && eventMatches(value.events, each));
        if (name == null) continue;
        deliveries.push(this.#delivery(webhook, { ...event, event: name }, now));
      }
    }
    return deliveries;
  }

  apply({ before, changes }: Pick<StateChange, 'before' | 'changes'>): void {
    for (const change of changes) {
      if (change.kind !== 'webhook-delivery') continue;
      this.#forget(before.get('webhook-delivery', change.key)?.value.webhook ?? change.value?.webhook, change.key);
      if (change.value !== null) this.#place(change.key, change.value);
    }
  }

  /**
   * Deliveries that may be claimed now, oldest first.
   * @param free how many of a webhook this process can take on
   * @param patience ms to leave to others, given the webhook and the process that wrote the delivery
   */
  due(now: number, patience: Patience, free: (webhook: string) => number): readonly string[] {
    const ids: string[] = [];
    for (const [webhook, { open }] of this.#lanes) {
      let room = free(webhook);
      for (const [id, entry] of open) {
        if (room <= 0) break;
        if (entry.dueMs + patience(webhook, entry.by) > now) continue;
        ids.push(id);
        room--;
      }
    }
    return ids;
  }

  /** When the next delivery may be claimed, epoch ms; `Infinity` = none waits. */
  nextDue(patience: Patience, free: (webhook: string) => number): number {
    let next = Infinity;
    for (const [webhook, { open }] of this.#lanes) {
      if (free(webhook) <= 0) continue;
      for (const entry of open.values()) next = Math.min(next, entry.dueMs + patience(webhook, entry.by));
    }
    return next;
  }

  /** Settled deliveries beyond those that are kept, oldest first; empty while there are few. */
  surplus(webhook: string): readonly string[] {
    const lane = this.#lanes.get(webhook);
    if (lane === undefined) return [];
    return (['delivered', 'dead'] as const).flatMap((state) => {
      const settled = lane[state];
      if (settled.size <= KEPT[state] * SLACK) return [];
      const oldestFirst = [...settled].toSorted(([, a], [, b]) => a - b);
      return oldestFirst.slice(0, settled.size - KEPT[state]).map(([id]) => id);
    });
  }

  /** Deliveries whose webhook is gone, at most `limit`. */
  orphans(isKnown: (webhook: string) => boolean, limit: number): readonly string[] {
    const ids: string[] = [];
    for (const [webhook, { open, delivered, dead }] of this.#lanes) {
      if (isKnown(webhook)) continue;
      for (const lane of [open, delivered, dead]) {
        for (const id of lane.keys()) if (ids.push(id) === limit) return ids;
      }
    }
    return ids;
  }

  /** How many deliveries of a webhook wait or are under way, and how many were given up. */
  counts(webhook: string): { readonly open: number; readonly dead: number } {
    const lane = this.#lanes.get(webhook);
    return { open: lane?.open.size ?? 0, dead: lane?.dead.size ?? 0 };
  }

  #delivery(webhook: string, event: Omit<WebhookEvent, 'revision'>, now: number): RecordWrite<'webhook-delivery'> {
    const at = new Date(now).toISOString();
    const full = this.counts(webhook).open >= MAX_OPEN;
    const value: WebhookDeliveryRecord = {
      webhook,
      event,
      revision: null,
      progress: full ? { state: 'dead', at } : { state: 'pending', dueAt: at, by: this.self },
      attempts: 0,
      lastStatus: null,
      lastError: full ? `${MAX_OPEN} deliveries wait for this webhook already` : '',
      createdAt: at,
    };
    return { kind: 'webhook-delivery', key: `msg_${randomUUID().replaceAll('-', '')}`, expected: 0, value };
  }

  #forget(webhook: string | undefined, id: string): void {
    const lane = webhook === undefined ? undefined : this.#lanes.get(webhook);
    if (webhook === undefined || lane === undefined) return;
    for (const each of [lane.open, lane.delivered, lane.dead]) each.delete(id);
    if (lane.open.size + lane.delivered.size + lane.dead.size === 0) this.#lanes.delete(webhook);
  }

  #place(key: string, { webhook, progress }: WebhookDeliveryRecord): void {
    let lane = this.#lanes.get(webhook);
    if (lane === undefined) this.#lanes.set(webhook, (lane = { open: new Map(), delivered: new Map(), dead: new Map() }));
    if (progress.state === 'pending') lane.open.set(key, { dueMs: instantMs(progress.dueAt), by: progress.by });
    else if (progress.state === 'claimed') lane.open.set(key, { dueMs: instantMs(progress.until), by: progress.by });
    else lane[progress.state].set(key, instantMs(progress.at));
  }
}

/** The route an entry is about, as it is after the change. */
function routeOf({ kind, key }: AuditEntry, writes: readonly RecordWrite[], snapshot: Snapshot): RouteRecord | null {
  if (kind !== 'route' && kind !== 'rate-limit') return null;
  const write = writes.find((each): each is RecordWrite<'route'> => each.kind === 'route' && each.key === key);
  return write?.value ?? snapshot.get('route', key)?.value ?? null;
}
