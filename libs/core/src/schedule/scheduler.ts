import { auditEntry, type AuditDraft } from '../schema/author.js';
import type { AuditEntry } from '../schema/audit.js';
import { edgeKey } from '../schema/edge.js';
import { BackendUnavailableError, ConflictError, EngineClosedError } from '../model/errors.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { ChangedRecord, ChangeSet, RecordWrite } from '../schema/record.js';
import { parseRouteKey } from '../model/route-key.js';
import { instantMs, type Clock } from '../model/time.js';
import type { ControlState, StateChange } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';
import { edgesOf, nextEdgeOf, type Edge } from './edges.js';
import { isTimed, windowsOf, withoutFinished, type TimedRecord } from './timed-records.js';
import { upcomingOf, type UpcomingChange } from './upcoming.js';

/** Something else that falls due at a time. Several nodes may try at once; compare-and-set decides who did it. */
export interface DueWork {
  /** Epoch ms; `null` = nothing is planned. */
  nextDue(): number | null;
  /** Does what is due at `now`. */
  runDue(now: number): Promise<void>;
}

export interface SchedulerOptions {
  readonly state: ControlState;
  readonly clock: Clock;
  readonly work: readonly DueWork[];
  /** `true` = somebody else does all this. */
  readonly idle?: boolean;
  /** Whether this process may record what time brings, for all: its clock agrees with the store's. Default: always. */
  readonly mayRecord?: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  /** Numbers in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** A record that changes by itself, and when that is to be recorded next. */
interface Timed {
  readonly record: TimedRecord;
  /** Epoch ms. */
  due: number;
  /** The clock when `due` was worked out; it is worked out again when the clock leaps back. */
  asOf: number;
}

/** The clock is read again at least this often while anything is planned, so that one that leaps is noticed. */
const LONGEST_NAP_MS = 1_000;
/** Nodes wait a moment each, so that mostly all but one find the edge recorded already. */
const JITTER_MS = 200;

/**
 * Records edges in time: that a window opened or closed, that an override ran out. What holds never depends on it, as that is worked out
 * from record and clock with each request; this only tells, exactly once over all nodes: the commit that tells also notes, by
 * compare-and-set, up to when was told. Edges that passed while no node ran are told when the first one is back.
 */
export class Scheduler {
  readonly #timed = new Map<string, Timed>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #failed = false;
  #working = false;
  #closed = false;
  readonly #unsubscribe: () => void;

  /** Watches from now on; make it before the state is opened. */
  constructor(private readonly options: SchedulerOptions) {
    this.#closed = options.idle === true;
    this.#unsubscribe = this.#closed ? () => undefined : options.state.subscribe((change) => this.#observe(change));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    await this.#running;
  }

  /** Resolves when nothing of what is past remains to be recorded, or that cannot be done now. */
  async settle(): Promise<void> {
    // The work of others changes state too, and must not wait for the run it is part of.
    if (!this.#closed && !this.#working && this.#nextEdge() <= this.options.clock()) await this.run();
  }

  /** Records and does everything that is due by now. Happens by itself. */
  run(): Promise<void> {
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = undefined;
      this.wake();
    });
    return this.#running;
  }

  /** To be called when the work of others came up or went away. */
  wake(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const now = this.options.clock();
    const due = this.#nextDue();
    if (due === Infinity) return;
    const jitter = JITTER_MS * (this.options.random ?? Math.random)();
    const nap = this.#failed ? LONGEST_NAP_MS : Math.min(Math.max(0, due - now) + jitter, LONGEST_NAP_MS);
    this.#timer = setTimeout(() => this.#wakeUp(), nap);
    this.#timer.unref();
  }

  /** What records with windows and expiries will change to next, in no order. */
  upcoming(): readonly UpcomingChange[] {
    const now = this.options.clock();
    return [...this.#timed.values()].flatMap(({ record }) => upcomingOf(record, now));
  }

  #wakeUp(): void {
    if (this.#nextDue() <= this.options.clock()) void this.run();
    else this.wake();
  }

  #observe({ changes, after }: StateChange): void {
    for (const change of changes) this.#track(change, after);
    this.wake();
  }

  #track(change: ChangedRecord, snapshot: Snapshot): void {
    if (change.kind === 'edge') {
      const known = this.#timed.get(change.key);
      if (known !== undefined) known.asOf = Infinity;
      return;
    }
    if (!isTimed(change)) return;
    const id = edgeKey(change.kind, change.key);
    const record = snapshot.get(change.kind, change.key);
    if (record !== undefined && isTimed(record) && this.#changesWithTime(record))
      this.#timed.set(id, { record, due: 0, asOf: Infinity });
    else this.#timed.delete(id);
  }

  /** One that no writer of ours made is left alone: every change waits for what time changed, and would fail with it. */
  #changesWithTime(record: TimedRecord): boolean {
    try {
      if (windowsOf(record).length === 0) return false;
      upcomingOf(record, this.options.clock());
      return true;
    } catch (error) {
      this.options.onError(error);
      return false;
    }
  }

  #nextDue(): number {
    let due = this.#nextEdge();
    for (const work of this.options.work) due = Math.min(due, work.nextDue() ?? Infinity);
    return due;
  }

  /** When an edge is to be recorded next, epoch ms; in the past = now. */
  #nextEdge(): number {
    const now = this.options.clock();
    const { snapshot } = this.options.state;
    let next = Infinity;
    for (const [id, timed] of this.#timed) {
      if (now < timed.asOf) {
        timed.asOf = now;
        const [missed] = edgesOf(timed.record, recordedUntil(snapshot, id), now);
        timed.due = missed?.at ?? nextEdgeOf(timed.record, now);
      }
      next = Math.min(next, timed.due);
    }
    return next;
  }

  async #runOnce(): Promise<void> {
    this.#failed = false;
    try {
      if (this.options.mayRecord !== undefined && !(await this.options.mayRecord())) {
        this.#failed = true;
        return;
      }
      if (this.#nextEdge() <= this.options.clock())
        await this.options.state.change((snapshot) => this.#changeSet(snapshot), { settled: true });
      for (const work of this.options.work) {
        const now = this.options.clock();
        if ((work.nextDue() ?? Infinity) > now) continue;
        this.#working = true;
        await work.runDue(now);
      }
    } catch (error) {
      // It stays due, and is tried again. Others being faster, or nobody to be reached, is nothing to tell of.
      this.#failed = true;
      const expected =
        error instanceof BackendUnavailableError || error instanceof ConflictError || error instanceof EngineClosedError;
      if (!expected) this.options.onError(error);
    } finally {
      this.#working = false;
    }
  }

  #changeSet(snapshot: Snapshot): ChangeSet | null {
    const now = this.options.clock();
    const audit: AuditEntry[] = [];
    const writes: RecordWrite[] = [];
    for (const [id, timed] of this.#timed) {
      const edges = edgesOf(timed.record, recordedUntil(snapshot, id), now);
      const last = edges.at(-1);
      timed.due = nextEdgeOf(timed.record, now);
      timed.asOf = now;
      if (last === undefined) continue;
      const { record } = timed;
      const value = withoutFinished(record, now);
      for (const edge of edges) audit.push(entryFor(record, edge, edge === last ? value : record.value));
      if (value !== record.value)
        writes.push({ kind: record.kind, key: record.key, expected: record.revision, value } as RecordWrite);
      writes.push({
        kind: 'edge',
        key: id,
        expected: snapshot.get('edge', id)?.revision ?? 0,
        value: { recordedUntil: new Date(last.at).toISOString() },
      });
    }
    if (audit.length === 0) return null;
    for (const { key, revision } of snapshot.list('edge'))
      if (!this.#timed.has(key)) writes.push({ kind: 'edge', key, expected: revision, value: null });
    return { writes, audit: audit.toSorted((a, b) => instantMs(a.at) - instantMs(b.at)) };
  }
}

function recordedUntil(snapshot: Snapshot, id: string): number | null {
  const stored = snapshot.get('edge', id);
  return stored === undefined ? null : instantMs(stored.value.recordedUntil);
}

function entryFor(record: TimedRecord, { at, action, reason }: Edge, after: unknown): AuditEntry {
  const { kind, key, value: before } = record;
  const draft = { action, kind, key, service: serviceOf(record), before, after } as AuditDraft<typeof kind>;
  return auditEntry(draft, { actor: 'scheduler', platform: 'scheduler', reason }, at);
}

function serviceOf({ kind, key }: TimedRecord): string | null {
  if (kind === 'route' || kind === 'rate-limit') return parseRouteKey(key).service;
  return key === GLOBAL_SCOPE ? null : key;
}
