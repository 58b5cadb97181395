import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type BlockedEvent, type Unsubscribe, type WebhookView } from '@waygate/core';
import type { Registry } from 'prom-client';
import { EventStreams } from '../events/event-streams.js';

/** Time series one metric may have; what comes later is left out. */
const MOST_SERIES = 1_000;
const NO_ROUTE = '';

interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** Numbers that only grow, by what they are about. */
class Totals {
  readonly #totals = new Map<string, number>();

  raise(...labels: readonly string[]): void {
    const key = JSON.stringify(labels);
    const total = this.#totals.get(key);
    if (total === undefined && this.#totals.size >= MOST_SERIES) return;
    this.#totals.set(key, (total ?? 0) + 1);
  }

  *all(): IterableIterator<readonly [labels: readonly string[], total: number]> {
    for (const [key, total] of this.#totals) yield [JSON.parse(key) as string[], total];
  }
}

/** What Prometheus is told. Kept apart from the app's own registry, so that neither gets in the other's way. */
@Injectable()
export class WaygateMetrics implements OnModuleInit, OnModuleDestroy {
  readonly #blocked = new Totals();
  readonly #refused = new Totals();
  #webhooks: readonly WebhookView[] = [];
  #unsubscribe: Unsubscribe | undefined;
  #registry: Promise<Registry | null> | undefined;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly streams: EventStreams,
  ) {}

  onModuleInit(): void {
    this.#unsubscribe = this.engine.events.on('blocked', (event) => this.#count(event));
  }

  onModuleDestroy(): void {
    this.#unsubscribe?.();
  }

  /** `null` = `prom-client` is not installed. */
  async page(): Promise<MetricsPage | null> {
    const registry = await (this.#registry ??= this.#register());
    this.#webhooks = await this.engine.webhooks.list();
    return registry === null ? null : { contentType: registry.contentType, text: await registry.metrics() };
  }

  #count({ route, block, shadow = false }: BlockedEvent): void {
    this.#blocked.raise(block.kind, String(shadow));
    if (block.kind === 'rate_limited') this.#refused.raise(route ?? NO_ROUTE, block.scope, block.policy, String(shadow));
  }

  async #register(): Promise<Registry | null> {
    const client = await import('prom-client').catch(() => null);
    if (client === null) return null;
    const { engine, streams } = this;
    const registers = [new client.Registry()];
    const [registry] = registers as [Registry];
    const counter = (
      name: string,
      help: string,
      labelNames: readonly string[],
      read: () => Iterable<readonly [readonly string[], number]>,
    ) =>
      new client.Counter({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect() {
          this.reset();
          for (const [labels, total] of read()) this.labels(...labels).inc(total);
        },
      });
    const gauge = (
      name: string,
      help: string,
      labelNames: readonly string[],
      read: () => Iterable<readonly [readonly string[], number]>,
    ) =>
      new client.Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.labels(...labels).set(value);
        },
      });
    counter('waygate_requests_total', 'Requests a route answered, blocked ones included', ['route'], () =>
      engine.stats.totals().map(({ route, requests }) => [[route ?? NO_ROUTE], requests] as const),
    );
    counter('waygate_blocked_requests_total', 'Requests that were not let through', ['kind', 'shadow'], () =>
      this.#blocked.all(),
    );
    counter('waygate_limit_refusals_total', 'Requests over a limit', ['route', 'scope', 'policy', 'shadow'], () =>
      this.#refused.all(),
    );
    counter('waygate_unrecorded_refusals_total', 'Refused requests that came too many at once to be recorded', [], () => [
      [[], engine.droppedHits],
    ]);
    counter('waygate_flag_evaluations_total', 'Evaluations by what was given', ['flag', 'variation'], () =>
      engine.flags
        .totals()
        .slice(0, MOST_SERIES)
        .map(({ flag, variation, total }) => [[flag, variation ?? ''], total] as const),
    );
    gauge('waygate_ready', 'Whether the state is known to be what the store holds', [], () => [
      [[], engine.health.status === 'ready' ? 1 : 0],
    ]);
    gauge('waygate_troubles', 'How many things are not as they should be', [], () => [[[], engine.troubles.length]]);
    gauge('waygate_revision', 'Number of the last change in force here', [], () => [[[], engine.revision]]);
    gauge('waygate_webhook_deliveries', 'Deliveries that wait (open) or were given up (dead)', ['webhook', 'state'], () =>
      this.#webhooks
        .slice(0, MOST_SERIES / 2)
        .flatMap(({ key, open, dead }) => [[[key, 'open'], open] as const, [[key, 'dead'], dead] as const]),
    );
    gauge('waygate_streams', 'Open streams of events', [], () => [[[], streams.size]]);
    return registry;
  }
}
