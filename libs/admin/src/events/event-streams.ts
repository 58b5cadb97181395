import { randomInt } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type ChangeEvent, type Unsubscribe } from '@waygate/core';
import type { Audience } from './audience.js';
import { EdgeClock } from './edge-clock.js';
import { StreamClient } from './stream-client.js';
import type { StreamEvent } from './stream-event.js';
import { WireEvents } from './wire-events.js';

/** Clients give up after 30 s of silence (wire contract, §7). */
const KEEPALIVE_MS = 12_000;
const KEEPALIVE = Buffer.from(': keepalive\n\n');
/** Steps of the feed that a client which comes back can be told again. */
const KEPT_STEPS = 512;
const NOTHING = Buffer.alloc(0);

interface Step {
  readonly since: number;
  readonly revision: number;
  readonly events: readonly StreamEvent[];
}

interface Group {
  readonly audience: Audience;
  readonly clients: Set<StreamClient>;
  /** What somebody new is told, as long as nothing changes. */
  snapshot: Buffer | null;
}

/**
 * Tells open streams every change. Streams that get the same are one group: an event is encoded once, joined once a group, and the same
 * bytes go to every socket.
 */
@Injectable()
export class EventStreams implements OnModuleInit, OnModuleDestroy {
  readonly #groups = new Map<string, Group>();
  readonly #events: WireEvents;
  readonly #edges: EdgeClock;
  readonly #unsubscribe: Unsubscribe[] = [];
  /** The newest last. Ids are revisions; the fraction names this history, so that none of another process is taken up. */
  #steps: Step[] = [];
  readonly #history = String(randomInt(1_000_000, 9_999_999));
  #keepalive: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly engine: WaygateEngine) {
    this.#events = new WireEvents(engine);
    this.#edges = new EdgeClock(engine, (records) => this.#edge(records));
  }

  onModuleInit(): void {
    this.#unsubscribe.push(
      this.engine.events.on('change', (change) => this.#changed(change)),
      this.engine.events.on('close', () => this.#close()),
    );
    this.#edges.start();
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#close();
  }

  /** How many streams are open. */
  get size(): number {
    let size = 0;
    for (const { clients } of this.#groups.values()) size += clients.size;
    return size;
  }

  /**
   * Opens a stream: what was missed since `lastEventId`, where that is still known, else everything; then each change.
   * @param isWelcome asked again when tokens change
   */
  open(response: ServerResponse, audience: Audience, lastEventId: string | null, isWelcome: () => boolean): void {
    if (this.#closed) return void response.destroy();
    const client = new StreamClient(response, isWelcome);
    // In one go: nothing changes between the snapshot and the first change that is told.
    const group = this.#join(client, audience);
    client.send(this.#missed(lastEventId, audience) ?? this.#snapshotOf(group));
  }

  #join(client: StreamClient, audience: Audience): Group {
    let group = this.#groups.get(audience.key);
    if (group === undefined) this.#groups.set(audience.key, (group = { audience, clients: new Set(), snapshot: null }));
    const { clients } = group;
    clients.add(client);
    client.onClose(() => {
      clients.delete(client);
      if (clients.size === 0) this.#groups.delete(audience.key);
      if (this.#groups.size > 0) return;
      clearInterval(this.#keepalive);
      this.#keepalive = undefined;
    });
    this.#keepalive ??= setInterval(() => this.#keepAlive(), KEEPALIVE_MS).unref();
    return group;
  }

  #changed({ revision, changes, audit }: ChangeEvent): void {
    const records = changes.map(({ after }) => after);
    const events = [
      ...records.flatMap((record) => this.#events.of(record)),
      ...audit.map((entry) => this.#events.ofAudit(entry)),
    ];
    const since = this.#steps.at(-1)?.revision ?? revision - 1;
    this.#steps.push({ since, revision, events });
    if (this.#steps.length > KEPT_STEPS) this.#steps.shift();
    this.#edges.changed(records);
    if (records.some(({ kind }) => kind === 'token' || kind === 'revocation')) this.#dismiss();
    this.#tell(events);
  }

  /** Time passed over an edge: told like a change, though nothing was committed. */
  #edge(records: Parameters<ConstructorParameters<typeof EdgeClock>[1]>[0]): void {
    // Who was away meanwhile gets everything: the steps do not say that this happened.
    this.#steps = [];
    this.#tell(records.flatMap((record) => this.#events.of({ ...record, revision: this.engine.revision, value: null })));
  }

  #tell(events: readonly StreamEvent[]): void {
    for (const group of this.#groups.values()) {
      group.snapshot = null;
      const bytes = this.#encode(events, group.audience);
      if (bytes.length === 0) continue;
      for (const client of group.clients) client.send(bytes);
    }
  }

  /** The events an audience hears, with the revision they lead to as the id of the last. */
  #encode(events: readonly StreamEvent[], audience: Audience): Buffer {
    const lines = events
      .filter((event) => audience.hears(event.service) && (!event.audit || audience.audit))
      .map((event) => event.line(audience.local));
    const last = lines.pop();
    if (last === undefined) return NOTHING;
    return Buffer.from(`${lines.map((line) => `${line}\n`).join('')}id: ${this.engine.revision}.${this.#history}\n${last}\n`);
  }

  /** What happened since an id; `null` = that is not known. */
  #missed(lastEventId: string | null, audience: Audience): Buffer | null {
    const [revision = '', history] = (lastEventId ?? '').split('.');
    const since = Number(revision);
    const [first] = this.#steps;
    if (history !== this.#history || !/^\d{1,15}$/.test(revision) || since > this.engine.revision) return null;
    if (since === this.engine.revision && first !== undefined) return NOTHING;
    if (first === undefined || first.since > since) return null;
    return this.#encode(
      this.#steps.filter((step) => step.revision > since).flatMap((step) => step.events),
      audience,
    );
  }

  #snapshotOf(group: Group): Buffer {
    return (group.snapshot ??= this.#encode(this.#events.everything(), group.audience));
  }

  #keepAlive(): void {
    this.#dismiss();
    for (const { clients } of this.#groups.values()) for (const client of clients) client.send(KEEPALIVE);
  }

  /** Breaks off the streams of those who may not read them any more. */
  #dismiss(): void {
    for (const { clients } of this.#groups.values()) for (const client of clients) if (!client.isWelcome()) client.abort();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#edges.stop();
    clearInterval(this.#keepalive);
    for (const { clients } of this.#groups.values()) for (const client of clients) client.abort();
  }
}
