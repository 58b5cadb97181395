import { Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import {
  formatRouteKey,
  InvalidLimitError,
  parseRouteKey,
  RouteNotFoundError,
  WaygateEngine,
  type Change,
  type RateLimitHit,
  type RouteView,
} from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { headerOf, queryOf, type AdminRequest } from '../http/admin-request.js';
import { badRequest } from '../http/answer-error.js';
import { StrictBody } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { decodePathKey, partsOf } from '../http/path-key.js';
import { Who } from '../http/who.decorator.js';
import { limitMethod, splitPolicyKey, targetsOf, targetsOfKey } from '../http/policy-targets.js';
import { withoutPosition } from '../http/without-position.js';
import { expiryOf } from '../schedule/schedule.dto.js';
import { hitWire, policiesOf, type RateLimitPolicyWire } from './rate-limit-policy.js';
import { PolicyBody, policyInput } from './rate-limits.dto.js';

/** Limits of routes (wire contract, §6). */
@Controller('api/rate-limits')
export class RateLimitsController {
  constructor(private readonly engine: WaygateEngine) {}

  /** All limits in force; for an SDK, those that concern its service, under the paths it knows. */
  @Get()
  @Requires('viewer', 'filtered', { sdk: true })
  list(@Req() request: AdminRequest, @Who() who: Principal): readonly RateLimitPolicyWire[] {
    const app = headerOf(request, 'x-waygate-app-id');
    return this.engine.sync.rateLimits
      .list()
      .filter(({ service }) => who.sees(service) && (app === null || service === null || service === app))
      .flatMap((view) => policiesOf(view, app !== null));
  }

  @Post()
  @Requires('operator', 'policy')
  async set(
    @StrictBody(PolicyBody) body: PolicyBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<RateLimitPolicyWire> {
    const method = limitMethod(body.method ?? 'GET');
    const input = policyInput(body);
    // A limit nobody can read is told before a route nobody knows.
    this.engine.rateLimits.check([input.key === 'custom' ? { ...input, key: 'ip' } : input]);
    const targets = targetsOf(this.engine, body.path, method);
    await this.#forEach(targets, who, (key) => ({ kind: 'limit.set', key, rateLimit: input, ...expected, ...expiryOf(body) }));
    const [policy] = targets
      .flatMap(({ key }) => this.engine.rateLimits.find(key) ?? [])
      .flatMap((view) => policiesOf(view, false))
      .filter(({ name }) => name === (body.name ?? 'default'));
    if (policy === undefined) throw new InvalidLimitError(body.limit);
    const named = partsOf(body.path);
    // The path as it was given, also where it stands for routes of several services.
    return { ...policy, path: formatRouteKey({ ...named, method: null }), method: named.method ?? method };
  }

  /** Refused requests, newest first. */
  @Get('hits')
  @Requires('viewer', 'filtered')
  async hits(@Req() request: AdminRequest, @Who() who: Principal): Promise<readonly object[]> {
    const text = queryOf(request, 'limit') ?? '';
    const limit = /^\d{1,4}$/.test(text) && Number(text) >= 1 ? Math.min(1_000, Number(text)) : 50;
    const route = queryOf(request, 'route');
    const found: RateLimitHit[] = [];
    let cursor: string | null = null;
    do {
      const page = await this.engine.rateLimits.hits({ limit: 1_000, ...(cursor === null ? {} : { cursor }) });
      found.push(...page.items.filter((hit) => this.#isVisible(hit, who) && (route === null || isAbout(hit, route))));
      cursor = page.next;
    } while (found.length < limit && cursor !== null);
    return found.slice(0, limit).map(hitWire);
  }

  /** Removes what operators set; what the code declares holds again. */
  @Delete(':key')
  @Requires('operator', 'limit')
  async clear(@Param('key') pathKey: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    const { path, method } = splitPolicyKey(decodePathKey(pathKey));
    if (method === null) throw badRequest('path_key must encode METHOD:path');
    await this.#forEach(this.#known(path, method), who, (key) => ({ kind: 'limit.clear', key, ...expected }));
    return { ok: true, path, method };
  }

  /** Forgets what callers used: of one method, or of all. */
  @Delete(':key/reset')
  @Requires('operator', 'limit')
  async reset(@Param('key') pathKey: string, @Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const key = decodePathKey(pathKey);
    const method = queryOf(request, 'method');
    const targets = this.#existing(() => targetsOfKey(this.engine, key, method));
    await this.#forEach(targets, who, (target) => ({ kind: 'limit.reset', key: target }));
    return { ok: true, path: key };
  }

  /** Makes the same change of several routes as one commit. */
  async #forEach(targets: readonly RouteView[], who: Principal, change: (key: string) => Change): Promise<void> {
    try {
      await this.engine.apply(
        targets.map(({ key }) => change(key)),
        who.author(),
      );
    } catch (error) {
      throw withoutPosition(error);
    }
  }

  #known(path: string, method: string) {
    return this.#existing(() => targetsOf(this.engine, path, method));
  }

  /** What is not there is removed and forgotten already. */
  #existing(find: () => ReturnType<typeof targetsOf>): ReturnType<typeof targetsOf> {
    try {
      return find();
    } catch (error) {
      if (error instanceof RouteNotFoundError) return [];
      throw error;
    }
  }

  #isVisible({ route }: RateLimitHit, who: Principal): boolean {
    if (who.services === null) return true;
    try {
      return who.sees(this.engine.sync.routes.get(route).service);
    } catch {
      return false;
    }
  }
}

/** @param asked a route's key, with or without its method and its service */
function isAbout({ route }: RateLimitHit, asked: string): boolean {
  if (route === asked || route === '') return route === asked;
  const { service, method, path } = parseRouteKey(route);
  const forms = [
    { service, method: null, path },
    { service: null, method, path },
  ];
  return asked === path || forms.some((form) => formatRouteKey(form) === asked);
}
