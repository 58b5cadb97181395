import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type BlockedEvent, type Unsubscribe } from '@waygate/core';

/** What happened in one minute in this process. */
export interface Minute {
  /** Start, epoch ms. */
  readonly at: number;
  /** Requests that came for the app. */
  readonly requests: number;
  /** Requests stopped by maintenance, disabled routes and gates. */
  readonly blocked: number;
  /** Requests over a limit. */
  readonly limited: number;
}

interface Refusals {
  blocked: number;
  limited: number;
}

interface Slot {
  readonly at: number;
  /** By route; those that belong to none, or are beyond the bound, under the empty key. */
  readonly routes: Map<string, Refusals>;
}

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 60;
/** Routes counted a minute; there are not more that matter at once. */
const MOST_ROUTES = 5_000;

/** Counts what was refused within the last hour in this process: a ring of sixty slots, bounded whatever comes. */
@Injectable()
export class Activity implements OnModuleInit, OnModuleDestroy {
  readonly #slots: Slot[] = Array.from({ length: KEPT_MINUTES }, () => emptySlot(0));
  #unsubscribe: Unsubscribe | undefined;

  constructor(private readonly engine: WaygateEngine) {}

  onModuleInit(): void {
    this.#unsubscribe = this.engine.events.on('blocked', (event) => this.#blocked(event));
  }

  onModuleDestroy(): void {
    this.#unsubscribe?.();
  }

  /** The last sixty minutes, oldest first; the last one is not over. @param counts which routes are; `null` = what belongs to none */
  minutes(counts: (route: string | null) => boolean = () => true): readonly Minute[] {
    const last = minuteOf(this.engine.now());
    const { stats } = this.engine;
    const routes = stats.totals().map(({ route }) => route);
    const answered = new Map(stats.byMinute(routes.filter(counts)).map(({ minute, requests }) => [minute, requests]));
    return Array.from({ length: KEPT_MINUTES }, (_, index) => {
      const at = last - (KEPT_MINUTES - 1 - index) * MINUTE_MS;
      const minute = { at, requests: answered.get(at) ?? 0, blocked: 0, limited: 0 };
      const slot = this.#slots[slotOf(at)];
      if (slot?.at !== at) return minute;
      for (const [route, { blocked, limited }] of slot.routes) {
        if (!counts(route === '' ? null : route)) continue;
        minute.blocked += blocked;
        minute.limited += limited;
      }
      return minute;
    });
  }

  /** How often each route was refused within the hour. */
  refusedByRoute(): ReadonlyMap<string, number> {
    return this.#sums(KEPT_MINUTES, ({ blocked, limited }) => blocked + limited);
  }

  /** How often callers of each route were over a limit in the last minutes. */
  limitedByRoute(minutes: number): ReadonlyMap<string, number> {
    return this.#sums(minutes, ({ limited }) => limited);
  }

  #sums(minutes: number, of: (refusals: Refusals) => number): ReadonlyMap<string, number> {
    const oldest = minuteOf(this.engine.now()) - (minutes - 1) * MINUTE_MS;
    const sums = new Map<string, number>();
    for (const { at, routes } of this.#slots) {
      if (at < oldest) continue;
      for (const [route, refusals] of routes) {
        const count = of(refusals);
        if (route !== '' && count > 0) sums.set(route, (sums.get(route) ?? 0) + count);
      }
    }
    return sums;
  }

  #blocked({ route, block, shadow = false }: BlockedEvent): void {
    if (shadow) return;
    const { routes } = this.#slot();
    const key = route !== null && (routes.size < MOST_ROUTES || routes.has(route)) ? route : '';
    let refusals = routes.get(key);
    if (refusals === undefined) routes.set(key, (refusals = { blocked: 0, limited: 0 }));
    refusals[block.kind === 'rate_limited' ? 'limited' : 'blocked']++;
  }

  #slot(): Slot {
    const at = minuteOf(this.engine.now());
    const known = this.#slots[slotOf(at)];
    if (known?.at === at) return known;
    const slot = emptySlot(at);
    this.#slots[slotOf(at)] = slot;
    return slot;
  }
}

function emptySlot(at: number): Slot {
  return { at, routes: new Map() };
}

function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS) * MINUTE_MS;
}

function slotOf(at: number): number {
  return (at / MINUTE_MS) % KEPT_MINUTES;
}
