import { Controller, HttpCode, Post } from '@nestjs/common';
import { ArrayMaxSize, IsArray, IsIP, IsObject, IsString, Length, MaxLength } from 'class-validator';
import { WaygateEngine, type Caller, type ExplainedLimit, type LifecycleBlock, type LifecycleStep } from '@waygate/core';
import { Requires } from '../http/requires.js';
import { ExactBody, Optional } from '../http/body.js';
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

  /** Whose route it is. Default: the service this process is part of. */
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
  explain(@ExactBody(ExplainBody) body: ExplainBody): object {
    const { service = this.engine.service, version } = body;
    const path = requestPath(body.path) + (version === undefined ? '' : `@${version}`);
    const routes = this.engine.sync.routes.list({ service });
    const [route, ...others] = findRoutes(routes, limitMethod(body.method), path);
    const { decision, steps, limits } = this.engine.explain(route?.key ?? null, callerOf(body));
    const block = decision.outcome === 'block' ? decision : null;
    return {
      route: route?.key ?? null,
      also_matching: others.map(({ key }) => key),
      outcome: decision.outcome,
      block: blockWire(block),
      deprecated: decision.outcome === 'allow' && decision.deprecation !== null,
      steps: steps.map(stepWire),
      limits: limits.map(limitWire),
    };
  }
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

function limitWire({ scope, phase, policy, result, caller, tier, limit, cost }: ExplainedLimit): object {
  const { name, algorithm, key, mode } = policy;
  return { scope, name, limit, algorithm, key_strategy: key, mode, phase, result, caller, tier, cost };
}
