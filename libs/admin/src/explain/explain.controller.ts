import { Controller, HttpCode, Post } from '@nestjs/common';
import { ArrayMaxSize, IsArray, IsIP, IsObject, IsString, Length, MaxLength } from 'class-validator';
import {
  WaygateEngine,
  type Caller,
  type ExplainedLimit,
  type LifecycleBlock,
  type LifecycleStep,
  type LimitUsage,
  type RouteView,
} from '@waygate/core';
import { AnswerError } from '../http/answer-error.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { ExactBody, Optional } from '../http/body.js';
import { Who } from '../http/who.decorator.js';
import { limitMethod } from '../http/policy-targets.js';
import { findRoutes, requestPath } from './find-route.js';

export class ExplainBody {
  @IsString({ message: 'method is required' })
  @Length(1, 16)
  method: string;

  /** As in a request line; a query is ignored. */
  @IsString({ message: 'path is required' })
  @Length(1, 2_048)
  path: string;

  /** Whose route it is. Default: the service of this process, else the one service that answers the path. */
  @Optional()
  @IsString()
  @MaxLength(128)
  service?: string;

  /** For versions that are not part of the path. */
  @Optional()
  @IsString()
  @MaxLength(64)
  version?: string;

  @Optional()
  @IsIP(undefined, { message: 'ip must be an address' })
  ip?: string;

  @Optional()
  @IsString()
  @MaxLength(512)
  user?: string;

  @Optional()
  @IsString()
  @MaxLength(512)
  api_key?: string;

  @Optional()
  @IsArray()
  @IsString({ each: true })
  @ArrayMaxSize(100)
  roles?: string[];

  /** What tiers are chosen by, e.g. `{"plan": "pro"}`. */
  @Optional()
  @IsObject({ message: 'attributes must be an object of texts' })
  attributes?: Record<string, unknown>;
}

/** What would become of a request, and why. */
@Controller('api/explain')
export class ExplainController {
  constructor(private readonly engine: WaygateEngine) {}

  /** Nothing is counted, and no function of the app is called. */
  @Post()
  @HttpCode(200)
  @Requires('viewer', 'named')
  async explain(@ExactBody(ExplainBody) body: ExplainBody, @Who() who: Principal): Promise<object> {
    const { route, others } = this.#find(body, who);
    const { isAnswered, decision, refusedBy, steps, limits } = await this.engine.explain(route?.key ?? null, callerOf(body));
    const block = decision.outcome === 'block' ? decision : null;
    return {
      route: route?.key ?? null,
      service: route?.service ?? null,
      also_matching: others.map(({ key }) => key),
      outcome: isAnswered ? 'allow' : 'block',
      block: refusedBy === null ? blockWire(block) : refusalWire(refusedBy),
      deprecated: decision.outcome === 'allow' && decision.deprecation !== null,
      steps: steps.map(stepWire),
      limits: limits.map(limitWire),
    };
  }

  /**
   * The route that answers the request; `null` = none does, and maintenance refuses such requests too.
   * @throws {AnswerError} 404 for a path that no route answers, 409 for one that routes of several services answer
   */
  #find(body: ExplainBody, who: Principal): { readonly route: RouteView | null; readonly others: readonly RouteView[] } {
    const service = body.service ?? this.engine.service ?? undefined;
    const path = requestPath(body.path) + (body.version === undefined ? '' : `@${body.version}`);
    const routes = this.engine.sync.routes
      .list(service === undefined ? {} : { service })
      .filter((route) => who.sees(route.service));
    const found = findRoutes(routes, limitMethod(body.method), path);
    const [first] = found;
    const of = service === undefined ? '' : ` of ${service}`;
    if (first === undefined && this.engine.decideUnmatched() !== null) return { route: null, others: [] };
    if (first === undefined) throw new AnswerError(404, `No route${of} answers ${body.method} ${path}`);
    const own = service === undefined ? found.find((route) => route.service === null) : undefined;
    const owners = [...new Set(found.map((route) => route.service ?? ''))];
    if (service === undefined && own === undefined && owners.length > 1) {
      const names = owners.toSorted().join(', ');
      throw new AnswerError(409, `Several services answer ${body.method} ${path}: ${names}. Name one as service`);
    }
    const route = own ?? first;
    return { route, others: found.filter((other) => other !== route && other.service === route.service) };
  }
}

/** A limit that would refuse the request, as a block. */
function refusalWire({ scope, policy, limit, usage }: ExplainedLimit): object {
  const used = usage === null ? `no ${policy.key} to count by` : `${usage.used} of ${usage.limit} used`;
  return {
    kind: 'rate_limited',
    scope,
    reason: `${used} (${policy.name}: ${limit})`,
    ends_at: usage?.resetAt ?? null,
    allowed_envs: null,
  };
}

function callerOf({ ip, user, api_key: apiKey, roles = [], attributes = {} }: ExplainBody): Caller {
  const attribute = (name: string) => {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return typeof value === 'string' ? value : null;
  };
  return { ip: ip ?? null, user: user ?? null, apiKey: apiKey ?? null, roles, attribute, request: undefined };
}

function stepWire({ check, block, passes }: LifecycleStep): object {
  return { check, outcome: block === null ? 'pass' : 'block', why: passes ?? block?.kind ?? null, block: blockWire(block) };
}

function blockWire(block: LifecycleBlock | null): object | null {
  if (block === null) return null;
  const { kind, reason } = block;
  const endsAt = block.kind === 'maintenance' ? block.endsAt : null;
  return {
    kind,
    scope: block.kind === 'maintenance' ? block.scope : 'route',
    reason,
    ends_at: endsAt === null ? null : new Date(endsAt).toISOString(),
    allowed_envs: block.kind === 'env_gated' ? block.allowed : null,
  };
}

function limitWire({ scope, phase, policy, result, caller, tier, limit, cost, usage }: ExplainedLimit): object {
  const { name, algorithm, key, mode } = policy;
  return { scope, name, limit, algorithm, key_strategy: key, mode, phase, result, caller, tier, cost, usage: usageWire(usage) };
}

function usageWire(usage: LimitUsage | null): object | null {
  if (usage === null) return null;
  const { used, limit, resetAt, refuses, countedBy } = usage;
  return { used, limit, reset_at: resetAt, refuses, counted_by: countedBy === 'all processes' ? 'all' : 'process' };
}
