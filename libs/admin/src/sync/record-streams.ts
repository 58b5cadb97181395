import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type ChangedRecord, type ChangeEvent, type RecordedAuditEntry, type Unsubscribe } from '@waygate/core';
import { StreamBytes, StreamClient } from '../events/stream-client.js';
import type { SyncScope } from './sync-scope.js';

/**
 * The longest silence; who hears nothing for 2.5 times that long takes the stream for dead. Each second has its share of the streams:
 * thousands at once would hold up the rest.
 */
const HEARTBEAT_SECONDS = 12;
const HEARTBEAT = new StreamBytes(Buffer.from(': \n\n'));
/** How much of the past is kept for those who were away: steps, and records in them. */
const KEPT_STEPS = 1_024;
const KEPT_RECORDS = 20_000;

/** Where somebody who comes back stopped. */
export interface Position {
  readonly revision: number;
  /** `null` = not known; then the revision alone counts. */
  readonly epoch: string | null;
}

/** Who reads a stream. */
export interface Follower {
  /** Asked again when tokens change. */
  readonly isWelcome: () => boolean;
  /** The stream is open. @returns to be called when it ends */
  readonly enter: () => () => void;
}

/** What changed in one turn of the event loop, each record once. */
interface Step {
  readonly since: number;
  revision: number;
  readonly records: ReadonlyMap<string, ChangedRecord>;
  readonly audit: readonly RecordedAuditEntry[];
}

interface Group {
  readonly scope: SyncScope;
  readonly clients: Set<StreamClient>;
  /** Up to which revision the group was told. */
  told: number;
}

/**
 * Keeps other processes in step: the records of their scope, as they are stored. Processes of one scope are a group: what changed is
 * encoded once a group, each record once for all groups, and the same bytes go to every socket. A change that does not concern a group
 * costs it nothing; the next heartbeat tells it the revision.
 */
@Injectable()
export class RecordStreams implements OnModuleInit, OnModuleDestroy {
  readonly #groups = new Map<string, Group>();
  readonly #unsubscribe: Unsubscribe[] = [];
  /** The newest last. */
  #steps: Step[] = [];
  #keptRecords = 0;
  #gathered: (Step & { readonly records: Map<string, ChangedRecord>; readonly audit: RecordedAuditEntry[] }) | undefined;
  /** Revision up to which everything was told. */
  #told = 0;
  #epoch: string | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #seconds = 0;
  #opened = 0;
  #closed = false;

  constructor(private readonly engine: WaygateEngine) {}

  onModuleInit(): void {
    this.#told = this.engine.revision;
    this.#epoch = this.engine.replication.snapshot.epoch;
    this.#unsubscribe.push(
      this.engine.events.on('change', (change) => this.#changed(change)),
      this.engine.events.on('close', () => this.#close()),
    );
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
   * Opens a stream: says whether it goes on where the last one stopped, what was missed since, then each change.
   * @param from `null` = the reader knows nothing
   */
  open(request: IncomingMessage, response: ServerResponse, scope: SyncScope, from: Position | null, follower: Follower): void {
    if (this.#closed) return void response.destroy();
    const client = new StreamClient(this.#opened++, request, response, follower.isWelcome);
    // In one go: nothing changes between what was missed and the first change that is told.
    this.#join(client, scope, follower.enter());
    const missed = this.#missed(from, scope);
    const hello = {
      format: 1,
      epoch: this.#epoch ?? null,
      revision: this.#told,
      heartbeat_ms: HEARTBEAT_SECONDS * 1_000,
      resumed: missed !== null,
    };
    client.send(new StreamBytes(Buffer.from(`event: hello\ndata: ${JSON.stringify(hello)}\n\n${missed ?? ''}`)));
  }

  #join(client: StreamClient, scope: SyncScope, leave: () => void): void {
    let group = this.#groups.get(scope.key);
    if (group === undefined) this.#groups.set(scope.key, (group = { scope, clients: new Set(), told: this.#told }));
    const { clients } = group;
    clients.add(client);
    client.onClose(() => {
      leave();
      clients.delete(client);
      if (clients.size === 0) this.#groups.delete(group.scope.key);
      if (this.#groups.size > 0) return;
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
    });
    this.#heartbeat ??= setInterval(() => this.#beat(), 1_000).unref();
  }

  #changed({ revision, changes, audit }: ChangeEvent): void {
    const gathered = (this.#gathered ??= this.#gather());
    gathered.revision = revision;
    for (const { after } of changes) gathered.records.set(`${after.kind} ${after.key}`, after);
    gathered.audit.push(...audit);
  }

  #gather(): { since: number; revision: number; records: Map<string, ChangedRecord>; audit: RecordedAuditEntry[] } {
    setImmediate(() => this.#tellGathered());
    return { since: this.#told, revision: this.#told, records: new Map(), audit: [] };
  }

  #tellGathered(): void {
    const step = this.#gathered;
    this.#gathered = undefined;
    if (step === undefined || this.#closed) return;
    const { epoch } = this.engine.replication.snapshot;
    const continues = epoch === this.#epoch && step.revision > this.#told;
    this.#epoch = epoch;
    this.#told = step.revision;
    if (!continues) return this.#beginAnew();
    this.#keep(step);
    const relevant = new Texts();
    for (const group of this.#groups.values()) this.#tell(group, step, relevant);
    for (const { kind } of step.records.values()) if (kind === 'token' || kind === 'revocation') return this.#dismiss();
  }

  /** Another store, or an older state of this one: nothing that was told leads there. */
  #beginAnew(): void {
    this.#steps = [];
    this.#keptRecords = 0;
    for (const { clients } of this.#groups.values()) for (const client of clients) client.abort();
  }

  #keep(step: Step): void {
    this.#steps.push(step);
    this.#keptRecords += step.records.size;
    while (this.#steps.length > KEPT_STEPS || (this.#keptRecords > KEPT_RECORDS && this.#steps.length > 1))
      this.#keptRecords -= this.#steps.shift()?.records.size ?? 0;
  }

  #tell(group: Group, step: Step, texts: Texts): void {
    const batch = encoded(group.told, step.revision, [step], group.scope, texts);
    if (batch === null) return;
    group.told = step.revision;
    const bytes = new StreamBytes(Buffer.from(batch));
    for (const client of group.clients) client.send(bytes);
  }

  /** What changed since somebody was here, possibly nothing; `null` = that is not known any more. */
  #missed(from: Position | null, scope: SyncScope): string | null {
    if (from === null || (from.epoch !== null && from.epoch !== this.#epoch) || from.revision > this.engine.revision) return null;
    if (from.revision >= this.#told) return emptyBatch(from.revision, from.revision);
    const [first] = this.#steps;
    if (first === undefined || first.since > from.revision) return null;
    const steps = this.#steps.filter(({ revision }) => revision > from.revision);
    return encoded(from.revision, this.#told, steps, scope, new Texts()) ?? emptyBatch(from.revision, this.#told);
  }

  /** A sign of life for those whose second it is, as far as they still may read; who was told of less learns the revision. */
  #beat(): void {
    const turn = this.#seconds++ % HEARTBEAT_SECONDS;
    for (const group of this.#groups.values()) {
      const isBehind = group.told < this.#told;
      const bytes = isBehind ? new StreamBytes(Buffer.from(emptyBatch(group.told, this.#told))) : HEARTBEAT;
      for (const client of group.clients) {
        if (client.number % HEARTBEAT_SECONDS !== turn) continue;
        if (client.isWelcome()) client.send(bytes);
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
    clearInterval(this.#heartbeat);
    for (const { clients } of this.#groups.values()) for (const client of clients) client.abort();
  }
}

/** JSON of what several groups are told, made once. */
class Texts {
  readonly #texts = new Map<object, string>();

  of(value: object): string {
    let text = this.#texts.get(value);
    if (text === undefined) this.#texts.set(value, (text = JSON.stringify(value)));
    return text;
  }
}

/** One batch of what of these steps is in scope; `null` = nothing is. */
function encoded(since: number, revision: number, steps: readonly Step[], scope: SyncScope, texts: Texts): string | null {
  const latest = new Map<string, ChangedRecord>();
  const audit: string[] = [];
  for (const step of steps) {
    for (const [id, record] of step.records) if (scope.includes(record)) latest.set(id, record);
    for (const entry of step.audit) if (scope.includesAudit(entry)) audit.push(texts.of(entry));
  }
  if (latest.size === 0 && audit.length === 0) return null;
  return batch(
    since,
    revision,
    Array.from(latest.values(), (record) => texts.of(record)),
    audit,
  );
}

function emptyBatch(since: number, revision: number): string {
  return batch(since, revision, [], []);
}

function batch(since: number, revision: number, changes: readonly string[], audit: readonly string[]): string {
  const data = `{"since":${since},"revision":${revision},"changes":[${changes.join(',')}],"audit":[${audit.join(',')}]}`;
  return `id: ${revision}\ndata: ${data}\n\n`;
}
