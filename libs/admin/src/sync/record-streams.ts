import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type ChangedRecord, type Unsubscribe } from '@waygate/core';
import { GatheredChanges, type ChangeStep } from '../events/gathered-changes.js';
import { StreamBytes } from '../events/stream-client.js';
import { KEEPALIVE_SECONDS, StreamGroup, StreamGroups } from '../events/stream-groups.js';
import type { SyncScope } from './sync-scope.js';

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
  /**
   * The stream is open.
   * @param revision the one it goes on from; 0 = it begins anew, wherever the reader says they are
   * @returns to be called when it ends
   */
  readonly enter: (revision: number) => () => void;
}

/** Processes of one scope. */
class ScopeGroup extends StreamGroup {
  /** @param told up to which revision the group was told */
  constructor(
    readonly scope: SyncScope,
    private readonly changes: GatheredChanges,
    public told: number,
  ) {
    super();
  }

  /** Who was told of less than happened learns the revision. */
  override signOfLife(): StreamBytes {
    const { told } = this.changes;
    return this.told < told ? new StreamBytes(Buffer.from(emptyBatch(this.told, told))) : super.signOfLife();
  }
}

/**
 * Keeps other processes in step: the records of their scope, as they are stored. Processes of one scope are a group: what changed is
 * encoded once a group, each record once for all groups, and the same bytes go to every socket. A change that does not concern a group
 * costs it nothing; the next heartbeat tells it the revision.
 */
@Injectable()
export class RecordStreams implements OnModuleInit, OnModuleDestroy {
  readonly #groups = new StreamGroups<ScopeGroup>();
  readonly #changes: GatheredChanges;
  readonly #unsubscribe: Unsubscribe[] = [];
  /** The newest last. */
  #steps: ChangeStep[] = [];
  #keptRecords = 0;
  #epoch: string | undefined;

  constructor(private readonly engine: WaygateEngine) {
    this.#changes = new GatheredChanges(engine, (step) => this.#changed(step));
  }

  onModuleInit(): void {
    this.#epoch = this.engine.replication.snapshot.epoch;
    this.#unsubscribe.push(
      this.#changes.start(),
      this.engine.events.on('close', () => this.#groups.close()),
    );
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#groups.close();
  }

  /** How many streams are open. */
  get size(): number {
    return this.#groups.size;
  }

  /**
   * How far somebody who follows has come.
   * @param applied the revision they last told they applied
   * @returns the newest revision, where nothing since then concerned them: they learn of it by the next heartbeat only
   */
  reached(scopeKey: string, applied: number): number {
    const group = this.#groups.find(scopeKey);
    return group !== undefined && applied >= group.told ? Math.max(applied, this.#changes.told) : applied;
  }

  /**
   * Opens a stream: says whether it goes on where the last one stopped, what was missed since, then each change.
   * @param from `null` = the reader knows nothing
   */
  open(request: IncomingMessage, response: ServerResponse, scope: SyncScope, from: Position | null, follower: Follower): void {
    if (this.#groups.isClosed) return void response.destroy();
    // In one go: nothing changes between what was missed and the first change that is told.
    const missed = this.#missed(from, scope);
    const make = () => new ScopeGroup(scope, this.#changes, this.#changes.told);
    const leave = follower.enter(from === null || missed === null ? 0 : from.revision);
    const opened = this.#groups.open(request, response, scope.key, make, { isWelcome: follower.isWelcome, leave });
    if (opened === null) return;
    const hello = {
      format: 1,
      epoch: this.#epoch ?? null,
      revision: this.#changes.told,
      heartbeat_ms: KEEPALIVE_SECONDS * 1_000,
      resumed: missed !== null,
    };
    opened.client.send(new StreamBytes(Buffer.from(`event: hello\ndata: ${JSON.stringify(hello)}\n\n${missed ?? ''}`)));
  }

  #changed(step: ChangeStep): void {
    if (this.#groups.isClosed) return;
    const { epoch } = this.engine.replication.snapshot;
    const continues = epoch === this.#epoch && step.revision > step.since;
    this.#epoch = epoch;
    if (!continues) return this.#beginAnew();
    this.#keep(step);
    const texts = new Texts();
    for (const group of this.#groups) this.#tell(group, step, texts);
    for (const { kind } of step.records.values()) if (kind === 'token' || kind === 'revocation') return this.#groups.dismiss();
  }

  /** Another store, or an older state of this one: nothing that was told leads there. */
  #beginAnew(): void {
    this.#steps = [];
    this.#keptRecords = 0;
    this.#groups.abort();
  }

  #keep(step: ChangeStep): void {
    this.#steps.push(step);
    this.#keptRecords += step.records.size;
    while (this.#steps.length > KEPT_STEPS || (this.#keptRecords > KEPT_RECORDS && this.#steps.length > 1))
      this.#keptRecords -= this.#steps.shift()?.records.size ?? 0;
  }

  #tell(group: ScopeGroup, step: ChangeStep, texts: Texts): void {
    const batch = encoded(group.told, step.revision, [step], group.scope, texts);
    if (batch === null) return;
    group.told = step.revision;
    group.send(new StreamBytes(Buffer.from(batch)));
  }

  /** What changed since somebody was here, possibly nothing; `null` = that is not known any more. */
  #missed(from: Position | null, scope: SyncScope): string | null {
    if (from === null || (from.epoch !== null && from.epoch !== this.#epoch) || from.revision > this.engine.revision) return null;
    if (from.revision >= this.#changes.told) return emptyBatch(from.revision, from.revision);
    const [first] = this.#steps;
    if (first === undefined || first.since > from.revision) return null;
    const steps = this.#steps.filter(({ revision }) => revision > from.revision);
    return encoded(from.revision, this.#changes.told, steps, scope, new Texts()) ?? emptyBatch(from.revision, this.#changes.told);
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
function encoded(since: number, revision: number, steps: readonly ChangeStep[], scope: SyncScope, texts: Texts): string | null {
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
