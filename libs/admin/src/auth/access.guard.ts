import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { WaygateEngine } from '@waygate/core';
import { AnswerError, SignInRequired } from '../http/answer-error.js';
import { headerOf, queryOf, rememberPrincipal, type AdminRequest } from '../http/admin-request.js';
import { bodyText, isObject, parsed } from '../http/body.js';
import { decodePathKey, partsOf } from '../http/path-key.js';
import { readRevision } from '../http/revision-number.js';
import { targetsOfBody, targetsOfKey } from '../http/policy-targets.js';
import { Authentication } from './authentication.js';
import type { Principal } from '../http/principal.js';
import { REQUIREMENT, type Requirement, type ScopeRule } from '../http/requires.js';
import { hostNameOf, KnownHosts } from './known-hosts.js';
import { comesFromElsewhere } from './same-origin.js';
import { SessionTokens } from './session-tokens.js';

const SLOW_REFUSAL_MS = 1_000;

type RoleRequirement = Extract<Requirement, { readonly access: 'role' }>;

function mayCall(principal: Principal, requirement: RoleRequirement): boolean {
  if (principal.role === 'client') return requirement.client;
  return principal.role === 'sdk' ? requirement.sdk : principal.has(requirement.role);
}

/** The one place that decides who may call what. What is not marked is refused. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: Authentication,
    private readonly sessions: SessionTokens,
    private readonly engine: WaygateEngine,
    private readonly hosts: KnownHosts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const requirement = this.reflector.get<Requirement | undefined>(REQUIREMENT, context.getHandler());
    const request = context.switchToHttp().getRequest<AdminRequest>();
    if (requirement === undefined) throw new AnswerError(403, 'Nobody may do this');
    if (requirement.access === 'public') return true;
    this.#checkHost(request);
    const principal =
      this.authentication.identify(request) ?? (requirement.bearer ? this.authentication.identifyBearer(request) : null);
    if (principal === null) {
      if (requirement.slowRefusal) await delay(SLOW_REFUSAL_MS);
      throw new SignInRequired();
    }
    this.#checkOrigin(principal, requirement, request);
    const enough = mayCall(principal, requirement);
    if (!enough) throw new AnswerError(403, `This needs the role '${requirement.role}'; yours is '${principal.role}'`);
    await this.#checkScope(principal, requirement.scope, request);
    rememberPrincipal(request, principal);
    return true;
  }

  /** Where auth is off, the name a request was sent to is all that tells a page of this admin from one that only claims its address. */
  #checkHost(request: AdminRequest): void {
    if (this.authentication.isOn || this.hosts.includesThatOf(request)) return;
    const name = hostNameOf(request);
    throw new AnswerError(
      421,
      `This admin lets everybody in (auth: 'none') and so answers only at an IP address, localhost, and names in its option 'hosts'; ` +
        `${name === null ? 'this request names no host' : `'${name}' is none of them`}.`,
    );
  }

  /** A cookie is sent by whatever page makes the browser send something, and so is nothing at all; a token in a header never is. */
  #checkOrigin({ session }: Principal, { client }: RoleRequirement, request: AdminRequest): void {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    // What clients elsewhere call changes nothing, and who may read the answer is for CORS to say.
    if (client && session?.byCookie !== true) return;
    const isElsewhere = comesFromElsewhere(request);
    // Where auth is off nobody proves anything, but a page of another site must not change things through a developer's browser.
    if (isElsewhere && (!this.authentication.isOn || headerOf(request, 'x-waygate-token') === null))
      throw new AnswerError(403, 'Sent by a page of another site');
    if (session?.byCookie !== true) return;
    const token = headerOf(request, 'x-waygate-csrf') ?? new URLSearchParams(bodyText(request)).get('_csrf') ?? '';
    if (isElsewhere || !this.sessions.isCsrfToken(session.id, token))
      throw new AnswerError(403, "Not sent by a page of this admin: header 'X-Waygate-CSRF' is missing or wrong");
  }

  async #checkScope(principal: Principal, rule: ScopeRule, request: AdminRequest): Promise<void> {
    if (principal.services === null || rule === 'filtered') return;
    if (rule === 'everything') throw new AnswerError(403, 'This concerns all services; you are confined to some');
    const services = rule === 'revision' ? await this.#servicesOfRevision(request) : this.#servicesOf(rule, request);
    if (services.length === 0 || !services.every((service) => principal.covers(service)))
      throw new AnswerError(403, 'This concerns a service you are not responsible for');
  }

  #servicesOf(
    rule: Exclude<ScopeRule, 'filtered' | 'everything' | 'revision'>,
    request: AdminRequest,
  ): readonly (string | null)[] {
    if (rule === 'service') return [request.params['service'] ?? null];
    if (rule === 'named') return [serviceOfBody(parsed(request)) ?? this.engine.service];
    if (rule === 'policy') return targetsOfBody(this.engine, parsed(request)).map(({ service }) => service);
    if (rule === 'routes') return new URLSearchParams(bodyText(request)).getAll('key').map((key) => this.#serviceOfRoute(key));
    const key = decodePathKey(request.params['key'] ?? '');
    if (rule === 'limit') return targetsOfKey(this.engine, key, queryOf(request, 'method')).map(({ service }) => service);
    return [this.#serviceOfRoute(key)];
  }

  /** One that is not in the log is nobody's. */
  async #servicesOfRevision(request: AdminRequest): Promise<readonly (string | null)[]> {
    const revision = readRevision(request.params['revision'] ?? '', 'revision');
    const { items } = await this.engine.audit.list({ revision, limit: 1_000 });
    return items.map(({ service }) => service);
  }

  #serviceOfRoute(key: string): string | null {
    try {
      return this.engine.sync.routes.get(key).service;
    } catch {
      // What is not registered has no service but the one it names.
      return partsOf(key).service;
    }
  }
}

function serviceOfBody(body: unknown): string | null {
  return isObject(body) && typeof body['service'] === 'string' ? body['service'] : null;
}
