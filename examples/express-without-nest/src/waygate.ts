import {
  WaygateEngine,
  type Caller,
  type LifecycleBlock,
  type LimitedRoute,
  type RateLimitedBlock,
  type RateLimitInput,
  type RouteDeclaration,
  type RouteHandle,
  type WaygateEngineOptions,
} from '@waygate/core';

/** What the code says about a route. */
export interface RouteRules extends RouteDeclaration {
  readonly rateLimits?: readonly RateLimitInput[];
}

/** What is sent in place of the route's answer. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

interface KnownRoute {
  readonly handle: RouteHandle;
  readonly limits: LimitedRoute;
}

/** The engine with the few things a web framework needs. */
export class Waygate {
  readonly #routes = new Map<string, KnownRoute>();

  constructor(readonly engine: WaygateEngine) {}

  /** Declares routes by `METHOD:/path`, before the app listens. */
  async register(rules: Readonly<Record<string, RouteRules>>): Promise<void> {
    const entries = Object.entries(rules);
    const handles = await this.engine.routes.register(
      entries.map(([key, { rateLimits: _limits, ...declaration }]) => ({ key, declaration })),
    );
    entries.forEach(([key, { rateLimits = [] }], index) => {
      const handle = handles[index];
      if (handle !== undefined) this.#routes.set(key, { handle, limits: this.engine.rateLimits.declare(handle.key, rateLimits) });
    });
    await this.engine.rateLimits.synchronise();
  }

  /** Whether a request for the route may go on. @returns what to answer instead; `null` = it may */
  async check(key: string, path: string, method: string, caller: Caller): Promise<Refusal | null> {
    const route = this.#routes.get(key);
    if (route === undefined) return null;
    const decision = this.engine.decide(route.handle);
    if (decision.outcome === 'block') return refusalOf(decision, path, this.engine.now());
    if (route.handle.forceActive) return null;
    for (const phase of ['origin', 'identity'] as const) {
      const outcome = await this.engine.limit(route.limits, phase, caller, method);
      if (outcome.outcome === 'block') return refusalOf(outcome, path, this.engine.now());
    }
    return null;
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}

/** Opens an engine; without a backend of its own it keeps state in memory. */
export async function createWaygate(options: WaygateEngineOptions = {}): Promise<Waygate> {
  const engine = new WaygateEngine(options);
  await engine.open();
  return new Waygate(engine);
}

/** Who a request is from, as far as the framework knows by itself. */
export function callerOf(request: object, ip: string | undefined, apiKey: string | undefined): Caller {
  return { ip: ip ?? null, apiKey: apiKey ?? null, user: null, roles: [], attribute: () => null, request };
}

function refusalOf(block: LifecycleBlock | RateLimitedBlock, path: string, now: number): Refusal {
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  const answer = (status: number, code: string): Refusal => ({
    status,
    headers,
    body: { error: { code, reason: block.reason, path } },
  });
  switch (block.kind) {
    case 'maintenance':
      if (block.endsAt !== null) headers['retry-after'] = String(Math.max(1, Math.ceil((block.endsAt - now) / 1_000)));
      return answer(503, 'MAINTENANCE_MODE');
    case 'disabled':
      return answer(503, 'ROUTE_DISABLED');
    case 'env_gated':
      return { status: 404, headers, body: { error: { code: 'NOT_FOUND', path } } };
    case 'rate_limited':
      headers['retry-after'] = String(Math.max(1, Math.ceil(block.retryAfterMs / 1_000)));
      return answer(429, 'RATE_LIMIT_EXCEEDED');
  }
}
