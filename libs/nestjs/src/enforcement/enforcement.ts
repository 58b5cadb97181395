import { Inject, Injectable, Logger, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  WaygateEngine,
  type Deprecation,
  type LifecycleDecision,
  type LimitedRoute,
  type LimitOutcome,
  type LimitPlan,
  type LimitReport,
} from '@waygate/core';
import { errorTrace } from '@waygate/core/native-errors';
import { forgiving, identityFromUser, isAuthenticated, RequestCaller, type Identity } from '../identity/request-caller.js';
import type { Block, BlockResponder } from '../responses/custom-response.js';
import { platformOf } from '../platform/platform-of.js';
import type { Platform } from '../platform/platform.js';
import { RouteRegistry, type RouteEntry } from '../routes/route-registry.js';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from '../config/waygate.options.js';
import { BlockedAnswers } from './blocked-answers.js';
import { HandledRequest } from './handled-request.js';
import { keepRequest, keptRequest } from './kept-request.js';
import { leavePending, type PendingLimits } from './pending-limits.js';

const NO_REPORTS: readonly LimitReport[] = [];

/** Decides about requests on behalf of the guards and of the handler for unknown paths. */
@Injectable()
export class Enforcement {
  #platform: Platform | undefined;
  #answers: BlockedAnswers | undefined;
  readonly #logger = new Logger('Waygate');
  readonly #identify: (request: unknown) => Identity;
  #isNamelessReported = false;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly registry: RouteRegistry,
    private readonly adapterHost: HttpAdapterHost,
    @Inject(WAYGATE_OPTIONS) private readonly options: WaygateModuleOptions,
  ) {
    const { identify } = options;
    this.#identify =
      identify === undefined
        ? identityFromUser
        : forgiving(identify as (request: unknown) => unknown, (error) =>
            this.#logger.error("Option 'identify' failed; such requests are counted as nobody's", errorTrace(error)),
          );
  }

  /** Made when first needed: an app without HTTP has no platform. */
  get platform(): Platform {
    return (this.#platform ??= platformOf(this.adapterHost.httpAdapter));
  }

  get answers(): BlockedAnswers {
    const { responses = {}, envGate = 'not-found', headers = 'legacy' } = this.options;
    return (this.#answers ??= new BlockedAnswers(this.engine, { responses, envGate, headers }));
  }

  /** The request that a guard is asked about: the one that an earlier guard of the same handler kept, or a new one. */
  handled(context: ExecutionContext): HandledRequest {
    const request: unknown = context.getArgByIndex(0);
    const kept = keptRequest(request);
    // Nest asks all guards of a handler with one context. A variant of the route, or another app, has its own.
    if (kept?.context === context) return kept;
    const route = this.registry.find(context.getClass(), context.getHandler(), request, this.platform);
    return new HandledRequest(this.platform, request, context.getArgByIndex(1), route, context);
  }

  /** Keeps the request for all guards behind this one, so that none of them looks for its route again. */
  keep(context: ExecutionContext): void {
    keepRequest(this.handled(context));
  }

  /** A request that no route answers to. */
  unmatched(request: unknown, response: unknown): HandledRequest {
    return new HandledRequest(this.platform, request, response, undefined, undefined);
  }

  /**
   * Lets the request go on, or throws what answers it: lifecycle, then the limits that need not know who is calling.
   * @throws {WaygateException} and what Waygate answers itself
   */
  admit(handled: HandledRequest): boolean | Promise<boolean> {
    const { route } = handled;
    if (route === undefined) return true;
    const decision = this.engine.decide(route.handle);
    const watched = this.engine.stats.isOn ? this.callerOf(handled) : null;
    if (watched !== null) this.#watch(handled, route, decision.outcome, watched);
    if (decision.outcome === 'block') throw this.answers.refuse(decision, handled, responderOf(route, decision));
    if (decision.deprecation !== null) this.#announce(handled, route, decision.deprecation);
    return route.limits === null ? true : this.#admitOrigin(handled, route.limits, watched);
  }

  /** Counts and reports a request that is answered as if no route were there, before Nest sees it. */
  hide(route: RouteEntry, handled: HandledRequest): void {
    const decision = this.engine.decide(route.handle);
    if (this.engine.stats.isOn) this.#watch(handled, route, decision.outcome, this.callerOf(handled));
    if (decision.outcome === 'block') this.engine.events.emit('blocked', { route: route.handle.key, block: decision });
  }

  /** Who the request is from, as limits see it. */
  callerOf({ request, context }: HandledRequest): RequestCaller {
    return new RequestCaller(request, this.#identify, context);
  }

  /** The limits that waited until the app's guards knew who is calling. */
  admitIdentity({ handled, plan, caller, reports }: PendingLimits): boolean | Promise<boolean> {
    if (!this.#isNamelessReported && plan.identity.some(({ policy }) => policy.key === 'user')) this.#reportNameless(caller);
    const outcome = this.engine.limit(plan, 'identity', caller, handled.method);
    if (outcome instanceof Promise) return outcome.then((settled) => this.#settle(handled, settled, reports));
    return this.#settle(handled, outcome, reports);
  }

  /** Says once that an authenticated user is not counted because nothing identifies it. */
  #reportNameless(caller: RequestCaller): void {
    if (caller.user !== null || !isAuthenticated(caller.request)) return;
    this.#isNamelessReported = true;
    this.#logger.warn(
      "A limit with key: 'user' does not count an authenticated request: its user has no id. Waygate looks for id, sub, userId, uid, and " +
        "email of req.user. Return the id from the module's option 'identify', e.g. identify: (req) => ({ user: req.user.accountId })",
    );
  }

  #admitOrigin(handled: HandledRequest, limits: LimitedRoute, known: RequestCaller | null): boolean | Promise<boolean> {
    const plan = this.engine.limitPlan(limits);
    const waits = plan.identity.length > 0;
    const counts = plan.origin.length > 0;
    if (!counts && !waits) return true;
    const caller = known ?? this.callerOf(handled);
    if (!counts) {
      leavePending({ enforcement: this, handled, plan, caller, reports: NO_REPORTS });
      return true;
    }
    // Two of them where both phases ask: what was known of the caller before the app's guards may not be so after them.
    const waiting = waits ? caller : null;
    const outcome = this.engine.limit(plan, 'origin', waits ? this.callerOf(handled) : caller, handled.method);
    if (outcome instanceof Promise) return outcome.then((settled) => this.#settleOrigin(handled, plan, settled, waiting));
    return this.#settleOrigin(handled, plan, outcome, waiting);
  }

  /** @param waiting the caller for whom limits of the second phase wait; `null` = none do */
  #settleOrigin(handled: HandledRequest, plan: LimitPlan, outcome: LimitOutcome, waiting: RequestCaller | null): boolean {
    if (waiting !== null) leavePending({ enforcement: this, handled, plan, caller: waiting, reports: outcome.reports });
    return this.#settle(handled, outcome, NO_REPORTS);
  }

  /** @param earlier what an earlier phase found about the same request */
  #settle(handled: HandledRequest, outcome: LimitOutcome, earlier: readonly LimitReport[]): boolean {
    const reports = earlier.length === 0 ? outcome.reports : [...earlier, ...outcome.reports];
    if (outcome.outcome === 'allow') {
      if (reports.length > 0) this.answers.writeLimitHeaders(handled, reports);
      return true;
    }
    const responder = handled.route?.route.declaration.responders?.rateLimited;
    throw this.answers.refuse({ ...outcome, reports }, handled, responder);
  }

  /** Counts the answer and how long it took; records the request where it comes as far as its limits. */
  #watch(handled: HandledRequest, route: RouteEntry, outcome: LifecycleDecision['outcome'], caller: RequestCaller): void {
    const { stats } = this.engine;
    const traffic = route.trafficIn(stats);
    const started = performance.now();
    this.platform.onAnswered(handled.response, (status) => {
      const ms = performance.now() - started;
      traffic.answered(status, ms, outcome === 'block' ? 'waygate' : 'app');
      if (outcome === 'allow') {
        const { ip, knownUser, knownApiKey: apiKey } = caller;
        stats.log?.add(route.handle.key, this.engine.now() - ms, { ip, knownUser, apiKey });
      }
    });
  }

  #announce(handled: HandledRequest, route: RouteEntry, deprecation: Deprecation): void {
    for (const [name, value] of route.deprecationHeaders(deprecation)) {
      if (name === 'Link') this.platform.appendHeader(handled.response, name, value);
      else handled.setHeader(name, value);
    }
  }
}

function responderOf({ route }: RouteEntry, block: Block): BlockResponder | undefined {
  if (block.kind === 'maintenance') return route.declaration.responders?.maintenance;
  return block.kind === 'disabled' ? route.declaration.responders?.disabled : undefined;
}
