import type { Unsubscribe } from '../backend/unsubscribe.js';
import { warn } from './warn.js';

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
