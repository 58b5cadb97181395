import { GLOBAL_SCOPE, instantMs, type ChangedRecord, type Instant, type RecordKind, type WaygateEngine } from '@waygate/core';

/** Timers do not reach further than 24.8 days. */
const LONGEST_TIMER_MS = 3_600_000;

const TIMED = ['route', 'maintenance', 'rate-limit', 'limit-scope'] as const;

/** A record whose meaning changes with time alone. */
export type TimedRecord = Pick<ChangedRecord<(typeof TIMED)[number]>, 'kind' | 'key'>;

/** Tells when a window opens or closes: nothing is committed then, but what clients know is no longer so. */
export class EdgeClock {
  /** When each record with a window means something else next, epoch ms. */
  readonly #edges = new Map<string, { readonly record: TimedRecord; readonly at: number }>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly onEdge: (records: readonly TimedRecord[]) => void,
  ) {}

  /** Reads every record anew. */
  start(): void {
    this.changed(this.engine.upcoming());
  }

  changed(records: readonly { readonly kind: RecordKind; readonly key: string }[]): void {
    for (const { kind, key } of records) {
      const timed = TIMED.find((one) => one === kind);
      if (timed !== undefined) this.#note({ kind: timed, key });
    }
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #note(record: TimedRecord): void {
    const at = this.#nextChange(record);
    const id = `${record.kind} ${record.key}`;
    if (at === null) this.#edges.delete(id);
    else this.#edges.set(id, { record, at });
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#edges.size === 0) return;
    let next = Infinity;
    for (const { at } of this.#edges.values()) next = Math.min(next, at);
    const wait = Math.min(LONGEST_TIMER_MS, Math.max(1, next - this.engine.now()));
    this.#timer = setTimeout(() => this.#due(), wait).unref();
  }

  #due(): void {
    const now = this.engine.now();
    const due = [...this.#edges.values()].filter(({ at }) => at <= now).map(({ record }) => record);
    for (const record of due) this.#note(record);
    this.#arm();
    if (due.length > 0) this.onEdge(due);
  }

  /** Epoch ms; `null` = it stays as it is until somebody changes it. */
  #nextChange({ kind, key }: TimedRecord): number | null {
    const next = this.#nextInstant(kind, key);
    return next === null ? null : instantMs(next);
  }

  /** What is gone, or cannot be read, does not change by itself. */
  #nextInstant(kind: TimedRecord['kind'], key: string): Instant | null {
    try {
      return this.#readNextInstant(kind, key);
    } catch {
      return null;
    }
  }

  #readNextInstant(kind: TimedRecord['kind'], key: string): Instant | null {
    const { maintenance, rateLimits, routes } = this.engine.sync;
    switch (kind) {
      case 'route':
        return routes.get(key).nextChange;
      case 'maintenance':
        return (key === GLOBAL_SCOPE ? maintenance.get() : maintenance.forService(key)).nextChange;
      case 'rate-limit':
        return rateLimits.find(key)?.until ?? null;
      case 'limit-scope': {
        const scope = key === GLOBAL_SCOPE ? this.engine.rateLimits.global : this.engine.rateLimits.forService(key);
        return scope.read()?.expiresAt ?? null;
      }
    }
  }
}
