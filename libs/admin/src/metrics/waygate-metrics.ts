import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type BlockedEvent, type Health, type Unsubscribe, type WebhookView } from '@waygate/core';
import type { Registry } from 'prom-client';
import { EventStreams } from '../events/event-streams.js';
import { Instances } from '../sync/instances.js';
import { METRICS, type MetricName } from './metric-definitions.js';

/** Time series one metric may have; what comes later is left out. */
const MOST_SERIES = 1_000;
const NO_ROUTE = '';
const STATUSES = ['starting', 'ready', 'stale', 'state-lost', 'error', 'closed'] as const satisfies readonly Health['status'][];

type Read = () => Iterable<readonly [labels: readonly string[], value: number]>;

interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** `null` when the optional package is not installed. */
function promClient(): typeof import('prom-client') | null {
  try {
    // By `require`, because Jest cannot run `import()`, and within `try`, so that bundlers accept that it is missing.
    return require('prom-client');
  } catch {
    return null;
  }
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
  #registry: Registry | null | undefined;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly streams: EventStreams,
    private readonly instances: Instances,
  ) {}

  onModuleInit(): void {
    this.#unsubscribe = this.engine.events.on('blocked', (event) => this.#count(event));
  }

  onModuleDestroy(): void {
    this.#unsubscribe?.();
  }

  /** `null` = `prom-client` is not installed. */
  async page(): Promise<MetricsPage | null> {
    if (this.#registry === undefined) this.#registry = this.#register();
    const registry = this.#registry;
    this.#webhooks = await this.engine.webhooks.list();
    return registry === null ? null : { contentType: registry.contentType, text: await registry.metrics() };
  }

  #count({ route, block, shadow = false }: BlockedEvent): void {
    this.#blocked.raise(block.kind, String(shadow));
    if (block.kind === 'rate_limited') this.#refused.raise(route ?? NO_ROUTE, block.scope, block.policy, String(shadow));
  }

  #register(): Registry | null {
    const client = promClient();
    if (client === null) return null;
    const registry: Registry = new client.Registry();
    const metric = (name: MetricName, read: Read) => {
      const { type, labels, help } = METRICS[name];
      const common = { name, help, labelNames: Object.keys(labels), registers: [] };
      return type === 'counter'
        ? new client.Counter({
            ...common,
            collect() {
              this.reset();
              for (const [values, total] of read()) this.labels(...values).inc(total);
            },
          })
        : new client.Gauge({
            ...common,
            collect() {
              this.reset();
              for (const [values, value] of read()) this.labels(...values).set(value);
            },
          });
    };
    for (const [name, read] of Object.entries(this.#readers())) registry.registerMetric(metric(name as MetricName, read));
    return registry;
  }

  /** Where the values of each metric come from: label values in the order of its definition, and the number. */
  #readers(): Readonly<Record<MetricName, Read>> {
    const { engine, streams } = this;
    return {
      waygate_requests_total: () => engine.stats.totals().map(({ route, requests }) => [[route ?? NO_ROUTE], requests] as const),
      waygate_blocked_requests_total: () => this.#blocked.all(),
      waygate_limit_refusals_total: () => this.#refused.all(),
      waygate_unrecorded_refusals_total: () => [[[], engine.droppedHits]],
      waygate_flag_evaluations_total: () =>
        engine.flags
          .totals()
          .slice(0, MOST_SERIES)
          .map(({ flag, variation, total }) => [[flag, variation ?? ''], total] as const),
      waygate_ready: () => [[[], engine.health.status === 'ready' ? 1 : 0]],
      waygate_health: () => STATUSES.map((status) => [[status], engine.health.status === status ? 1 : 0] as const),
      waygate_troubles: () => [[[], engine.troubles.length]],
      waygate_clock_ahead_seconds: () => [[[], (engine.clockAhead ?? 0) / 1_000]],
      waygate_revision: () => [[[], engine.revision]],
      waygate_webhook_deliveries: () =>
        this.#webhooks
          .slice(0, MOST_SERIES / 2)
          .flatMap(({ key, open, dead }) => [[[key, 'open'], open] as const, [[key, 'dead'], dead] as const]),
      waygate_instances: () => this.#instances(),
      waygate_streams: () => [[[], streams.size]],
    };
  }

  #instances(): Iterable<readonly [labels: readonly string[], count: number]> {
    const counts = new Map<string, [connected: number, gone: number]>();
    for (const { service, isConnected } of this.instances.list()) {
      const count = counts.get(service ?? '') ?? [0, 0];
      count[isConnected ? 0 : 1]++;
      counts.set(service ?? '', count);
    }
    return [...counts]
      .slice(0, MOST_SERIES / 2)
      .flatMap(([service, [connected, gone]]) => [
        [[service, 'connected'], connected] as const,
        [[service, 'gone'], gone] as const,
      ]);
  }
}
