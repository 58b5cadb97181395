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
  /** Commits seen. */
  readonly changes: number;
}

interface Slot {
  at: number;
  blocked: number;
  limited: number;
  changes: number;
  readonly routes: Map<string, number>;
}

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 60;
/** Routes counted a minute; there are not more that matter at once. */
const MOST_ROUTES = 5_000;

/** Counts what was refused and changed within the last hour in this process: a ring of sixty slots, bounded whatever comes. */
@Injectable()
export class Activity implements OnModuleInit, OnModuleDestroy {
  readonly #slots: Slot[] = Array.from({ length: KEPT_MINUTES }, () => emptySlot(0));
  readonly #unsubscribe: Unsubscribe[] = [];

  constructor(private readonly engine: WaygateEngine) {}

  onModuleInit(): void {
    this.#unsubscribe.push(
      this.engine.events.on('blocked', (event) => this.#blocked(event)),
      this.engine.events.on('change', ({ audit }) => {
        if (audit.length > 0) this.#slot().changes++;
      }),
    );
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** The last sixty minutes, oldest first; the last one is not over. */
  minutes(): readonly Minute[] {
    const last = minuteOf(this.engine.now());
    const { stats } = this.engine;
    const answered = new Map(
      stats.byMinute(stats.totals().map(({ route }) => route)).map(({ minute, requests }) => [minute, requests]),
    );
    return Array.from({ length: KEPT_MINUTES }, (_, index) => {
      const at = last - (KEPT_MINUTES - 1 - index) * MINUTE_MS;
      const slot = this.#slots[slotOf(at)];
      const requests = answered.get(at) ?? 0;
      if (slot === undefined || slot.at !== at) return { at, requests, blocked: 0, limited: 0, changes: 0 };
      const { blocked, limited, changes } = slot;
      return { at, requests, blocked, limited, changes };
    });
  }

  /** How often each route was refused within the hour. */
  refusedByRoute(): ReadonlyMap<string, number> {
    const oldest = minuteOf(this.engine.now()) - (KEPT_MINUTES - 1) * MINUTE_MS;
    const refused = new Map<string, number>();
    for (const { at, routes } of this.#slots) {
      if (at < oldest) continue;
      for (const [route, count] of routes) refused.set(route, (refused.get(route) ?? 0) + count);
    }
    return refused;
  }

  #blocked({ route, block, shadow = false }: BlockedEvent): void {
    if (shadow) return;
    const slot = this.#slot();
    if (block.kind === 'rate_limited') slot.limited++;
    else slot.blocked++;
    if (route !== null && (slot.routes.size < MOST_ROUTES || slot.routes.has(route)))
      slot.routes.set(route, (slot.routes.get(route) ?? 0) + 1);
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
  return { at, blocked: 0, limited: 0, changes: 0, routes: new Map() };
}

function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS) * MINUTE_MS;
}

function slotOf(at: number): number {
  return (at / MINUTE_MS) % KEPT_MINUTES;
}
