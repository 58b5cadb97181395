import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type Unsubscribe } from '@waygate/core';
import type { Audience } from './audience.js';
import { EdgeClock, type TimedRecord } from './edge-clock.js';
import { GatheredChanges, type ChangeStep } from './gathered-changes.js';
import { StreamBytes } from './stream-client.js';
import type { StreamEvent } from './stream-event.js';
import { StreamGroup, StreamGroups } from './stream-groups.js';
import { WireEvents } from './wire-events.js';

/** Steps of the feed that a client which comes back can be told again. */
const KEPT_STEPS = 512;
const NOTHING = new StreamBytes(Buffer.alloc(0));

interface Step {
  readonly since: number;
  readonly revision: number;
  readonly events: readonly StreamEvent[];
}

class AudienceGroup extends StreamGroup {
  /** What somebody new is told, as long as nothing changes. */
  snapshot: StreamBytes | null = null;

  constructor(readonly audience: Audience) {
    super();
  }
}

/**
 * Tells open streams every change. Streams that get the same are one group: an event is encoded once, joined once a group, and the same
 * bytes go to every socket.
 */
@Injectable()
export class EventStreams implements OnModuleInit, OnModuleDestroy {
  readonly #groups = new StreamGroups<AudienceGroup>();
  readonly #changes: GatheredChanges;
  readonly #events: WireEvents;
  readonly #edges: EdgeClock;
  readonly #unsubscribe: Unsubscribe[] = [];
  /** The newest last. Ids are revisions; the fraction names this history, so that none of another process is taken up. */
  #steps: Step[] = [];
  readonly #history = String(randomInt(1_000_000, 9_999_999));

  constructor(private readonly engine: WaygateEngine) {
    this.#events = new WireEvents(engine);
    this.#edges = new EdgeClock(engine, (records) => this.#edge(records));
    this.#changes = new GatheredChanges(engine, (step) => this.#changed(step));
  }

  onModuleInit(): void {
    this.#unsubscribe.push(
      this.#changes.start(),
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
    return this.#groups.size;
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
    // In one go: nothing changes between the snapshot and the first change that is told.
    const opened = this.#groups.open(request, response, audience.key, () => new AudienceGroup(audience), { isWelcome });
    opened?.client.send(this.#missed(lastEventId, audience) ?? this.#snapshotOf(opened.group));
  }

  #changed({ since, revision, records: changed, audit }: ChangeStep): void {
    if (this.#groups.isClosed) return;
    const records = [...changed.values()];
    const events = [
      ...records.flatMap((record) => this.#events.of(record)),
      ...audit.map((entry) => this.#events.ofAudit(entry)),
    ];
    this.#steps.push({ since, revision, events });
    if (this.#steps.length > KEPT_STEPS) this.#steps.shift();
    this.#edges.changed(records);
    if (records.some(({ kind }) => kind === 'token' || kind === 'revocation')) this.#groups.dismiss();
    this.#tell(events, revision);
  }

  /** Time passed over an edge: told like a change, though nothing was committed. */
  #edge(records: readonly TimedRecord[]): void {
    // Who was away meanwhile gets everything: the steps do not say that this happened.
    this.#steps = [];
    this.#tell(
      records.flatMap((record) => this.#events.of({ ...record, revision: this.engine.revision, value: null })),
      this.#changes.told,
    );
  }

  #tell(events: readonly StreamEvent[], revision: number): void {
    for (const group of this.#groups) {
      group.snapshot = null;
      const bytes = this.#encode(events, group.audience, revision);
      if (bytes !== NOTHING) group.send(bytes);
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
    if (since >= this.#changes.told && first !== undefined) return NOTHING;
    if (first === undefined || first.since > since) return null;
    return this.#encode(
      this.#steps.filter((step) => step.revision > since).flatMap((step) => step.events),
      audience,
      this.#changes.told,
    );
  }

  #snapshotOf(group: AudienceGroup): StreamBytes {
    return (group.snapshot ??= this.#encode(this.#events.everything(group.audience.app), group.audience, this.engine.revision));
  }

  #close(): void {
    if (this.#groups.isClosed) return;
    this.#edges.stop();
    this.#groups.close();
  }
}
