import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type ChangedRecord, type ChangeEvent, type RecordedAuditEntry, type Unsubscribe } from '@waygate/core';
import type { Audience } from './audience.js';
import { EdgeClock, type TimedRecord } from './edge-clock.js';
import { StreamBytes, StreamClient } from './stream-client.js';
import type { StreamEvent } from './stream-event.js';
import { WireEvents } from './wire-events.js';

/** Clients give up after 30 s of silence (wire contract, §7). Each second has its share of them: thousands at once would hold up the rest. */
const KEEPALIVE_SECONDS = 12;
const KEEPALIVE = new StreamBytes(Buffer.from(': keepalive\n\n'));
/** Steps of the feed that a client which comes back can be told again. */
const KEPT_STEPS = 512;
const NOTHING = new StreamBytes(Buffer.alloc(0));

interface Step {
  readonly since: number;
  readonly revision: number;
  readonly events: readonly StreamEvent[];
}

/** What changed since the last time something was told. */
interface Gathered {
  readonly since: number;
  revision: number;
  readonly records: Map<string, ChangedRecord>;
  readonly audit: RecordedAuditEntry[];
}

interface Group {
  readonly audience: Audience;
  readonly clients: Set<StreamClient>;
  /** What somebody new is told, as long as nothing changes. */
  snapshot: StreamBytes | null;
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
  #gathered: Gathered | undefined;
  /** Revision up to which everything was told. */
  #told = 0;
  #keepalive: NodeJS.Timeout | undefined;
  #seconds = 0;
  #opened = 0;
  #closed = false;

  constructor(private readonly engine: WaygateEngine) {
    this.#events = new WireEvents(engine);
    this.#edges = new EdgeClock(engine, (records) => this.#edge(records));
  }

  onModuleInit(): void {
    this.#told = this.engine.revision;
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
  open(
    request: IncomingMessage,
    response: ServerResponse,
    audience: Audience,
    lastEventId: string | null,
    isWelcome: () => boolean,
  ): void {
    if (this.#closed || response.destroyed) return void response.destroy();
    const client = new StreamClient(this.#opened++, request, response, isWelcome);
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
    this.#keepalive ??= setInterval(() => this.#keepAlive(), 1_000).unref();
    return group;
  }

  /** Changes that come in one turn of the event loop are told together, each record once. */
  #changed({ revision, changes, audit }: ChangeEvent): void {
    const gathered = (this.#gathered ??= this.#gather());
    gathered.revision = revision;
    for (const { after } of changes) gathered.records.set(`${after.kind} ${after.key}`, after);
    gathered.audit.push(...audit);
  }

  #gather(): Gathered {
    setImmediate(() => this.#tellGathered());
    return { since: this.#told, revision: this.#told, records: new Map(), audit: [] };
  }

  #tellGathered(): void {
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered === undefined || this.#closed) return;
    const records = [...gathered.records.values()];
    const events = [
      ...records.flatMap((record) => this.#events.of(record)),
      ...gathered.audit.map((entry) => this.#events.ofAudit(entry)),
    ];
    this.#steps.push({ since: gathered.since, revision: gathered.revision, events });
    this.#told = gathered.revision;
    if (this.#steps.length > KEPT_STEPS) this.#steps.shift();
    this.#edges.changed(records);
    if (records.some(({ kind }) => kind === 'token' || kind === 'revocation')) this.#dismiss();
    this.#tell(events, gathered.revision);
  }

  /** Time passed over an edge: told like a change, though nothing was committed. */
  #edge(records: readonly TimedRecord[]): void {
    // Who was away meanwhile gets everything: the steps do not say that this happened.
    this.#steps = [];
    this.#tell(
      records.flatMap((record) => this.#events.of({ ...record, revision: this.engine.revision, value: null })),
      this.#told,
    );
  }

  #tell(events: readonly StreamEvent[], revision: number): void {
    for (const group of this.#groups.values()) {
      group.snapshot = null;
      const bytes = this.#encode(events, group.audience, revision);
      if (bytes === NOTHING) continue;
      for (const client of group.clients) client.send(bytes);
    }
  }

  /** The events an audience hears, with the revision they lead to as the id of the last. */
  #encode(events: readonly StreamEvent[], audience: Audience, revision: number): StreamBytes {
    const lines = events
      .filter((event) => audience.hears(event.service) && (!event.audit || audience.audit))
      .map((event) => event.line(audience.local))
      .filter((line) => line !== '');
    const last = lines.pop();
    if (last === undefined) return NOTHING;
    return new StreamBytes(
      Buffer.from(`${lines.map((line) => `${line}\n`).join('')}id: ${revision}.${this.#history}\n${last}\n`),
    );
  }

  /** What happened since an id; `null` = that is not known. */
  #missed(lastEventId: string | null, audience: Audience): StreamBytes | null {
    const [revision = '', history] = (lastEventId ?? '').split('.');
    const since = Number(revision);
    const [first] = this.#steps;
    if (history !== this.#history || !/^\d{1,15}$/.test(revision) || since > this.engine.revision) return null;
    // What was not told yet comes with the others' next step.
    if (since >= this.#told && first !== undefined) return NOTHING;
    if (first === undefined || first.since > since) return null;
    return this.#encode(
      this.#steps.filter((step) => step.revision > since).flatMap((step) => step.events),
      audience,
      this.#told,
    );
  }

  #snapshotOf(group: Group): StreamBytes {
    return (group.snapshot ??= this.#encode(this.#events.everything(), group.audience, this.engine.revision));
  }

  /** Writes to those whose second it is, as far as they still may read. */
  #keepAlive(): void {
    const turn = this.#seconds++ % KEEPALIVE_SECONDS;
    for (const { clients } of this.#groups.values()) {
      for (const client of clients) {
        if (client.number % KEEPALIVE_SECONDS !== turn) continue;
        if (client.isWelcome()) client.send(KEEPALIVE);
        else client.abort();
      }
    }
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
