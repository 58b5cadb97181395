import type { RecordedAuditEntry } from './model/audit.js';
import type { LifecycleBlock } from './lifecycle/decision.js';
import type { RateLimitedBlock } from './rate-limit/limit-outcome.js';
import type { ChangedRecord, StoredRecord } from './model/record.js';
import type { EvaluationSample } from './flags/evaluation-log.js';
import type { TrackedEvent } from './flags/flag-client.js';
import type { Health } from './state/health.js';
import type { Unsubscribe } from './backend/backend.js';
import { errorTrace } from './native-errors/native-error.js';

/** A step of the change feed, after it is in force. */
export interface ChangeEvent {
  readonly revision: number;
  readonly changes: readonly { readonly before: StoredRecord | null; readonly after: ChangedRecord }[];
  /** Empty when the steps in between are unknown (start, reconnection). */
  readonly audit: readonly RecordedAuditEntry[];
}

/** A request that was not let through. */
export interface BlockedEvent {
  /** Key of the route; `null` = no route answers to the request. */
  readonly route: string | null;
  readonly block: LifecycleBlock | RateLimitedBlock;
  /** `true` = the limit is in shadow mode: the request was let through all the same. */
  readonly shadow?: boolean;
}

/** Every event and what it carries. */
export interface WaygateEvents {
  change: ChangeEvent;
  /** A window opened or closed, or an override ran out, and it was recorded. */
  edge: RecordedAuditEntry;
  health: Health;
  blocked: BlockedEvent;
  /** A flag was evaluated; told for every evaluation while somebody listens. */
  evaluation: EvaluationSample;
  /** The application told the flag client of something that happened. */
  track: TrackedEvent;
  /** The counter store began to fail (with the error) or answers again (`null`). */
  counters: { readonly error: Error | null };
  /** The engine ends; streams fed by it should end too. */
  close: undefined;
}

/** Typed events. A listener that throws, or rejects, harms nobody else: the error becomes a warning of the process. */
export class EventHub<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): Unsubscribe {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, (listeners = new Set()));
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Whether anybody listens. */
  hears(name: keyof Events): boolean {
    const listeners = this.#listeners.get(name);
    return listeners !== undefined && listeners.size > 0;
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined || listeners.size === 0) return;
    for (const listener of listeners) {
      try {
        const done: unknown = (listener as (event: Events[Name]) => unknown)(event);
        if (done instanceof Promise) done.catch((error: unknown) => warn(`A listener of '${String(name)}' rejected`, error));
      } catch (error) {
        warn(`A listener of '${String(name)}' threw`, error);
      }
    }
  }
}

/** Tells the operator of something that must not stop the program. */
export function warn(what: string, error: unknown): void {
  process.emitWarning(`${what}: ${errorTrace(error)}`, 'WaygateWarning');
}
