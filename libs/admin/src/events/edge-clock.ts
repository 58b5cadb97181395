import { instantMs, type ChangedRecord, type WaygateEngine } from '@waygate/core';

/** Timers do not reach further than 24.8 days. */
const LONGEST_TIMER_MS = 3_600_000;

/** A record whose meaning changes with time alone. */
export type TimedRecord = Pick<ChangedRecord<'route' | 'maintenance'>, 'kind' | 'key'>;

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
    for (const view of this.engine.sync.routes.list()) this.#note({ kind: 'route', key: view.key });
    this.#note({ kind: 'maintenance', key: '*' });
    this.#arm();
  }

  changed(records: readonly Pick<ChangedRecord, 'kind' | 'key'>[]): void {
    for (const { kind, key } of records) if (kind === 'route' || kind === 'maintenance') this.#note({ kind, key });
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

  #nextChange({ kind, key }: TimedRecord): number | null {
    if (kind === 'route') {
      try {
        const { nextChange } = this.engine.sync.routes.get(key);
        return nextChange === null ? null : instantMs(nextChange);
      } catch {
        return null;
      }
    }
    const { enabled, window } = key === '*' ? this.engine.sync.maintenance.get() : this.engine.sync.maintenance.forService(key);
    const now = this.engine.now();
    const ahead = [window?.start, window?.end].filter((edge) => edge != null).map(instantMs);
    const next = Math.min(...ahead.filter((at) => at > now));
    return enabled && Number.isFinite(next) ? next : null;
  }
}
