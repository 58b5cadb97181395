import type { ExecutionContext } from '@nestjs/common';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WaygateEngine, type Deprecation, type LimitOutcome, type LimitReport, type LifecycleDecision } from '@waygate/core';
import { errorTrace } from '@waygate/core/native-errors';
import { forgiving, identityFromUser, RequestCaller, type Identity } from '../identity/request-caller.js';
import type { Block, BlockResponder } from '../responses/custom-response.js';
import type { Platform } from '../platform/platform.js';
import { platformOf } from '../platform/platform-of.js';
import { RouteRegistry, type RouteEntry } from '../routes/route-registry.js';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from '../config/waygate.options.js';
import { BlockedAnswers } from '../responses/blocked-request.js';
import { leavePending, type PendingLimits } from './pending-limits.js';

const NO_REPORTS: readonly LimitReport[] = [];

/** Decides about requests on behalf of the guards and of the handler for unknown paths. */
@Injectable()
export class Enforcement {
  #platform: Platform | undefined;
  #answers: BlockedAnswers | undefined;
  readonly #logger = new Logger('Waygate');
  readonly #identify: (request: unknown) => Identity;

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
    return (this.#answers ??= new BlockedAnswers(this.engine, this.platform, { responses, envGate, headers }));
  }

  /**
   * Lets the request go on, or throws what answers it: lifecycle, then the limits that need not know who is calling.
   * @throws {WaygateException} and what Waygate answers itself
   */
  admit(context: ExecutionContext): boolean | Promise<boolean> {
    const request: unknown = context.getArgByIndex(0);
    const entry = this.routeOf(context);
    if (entry === undefined) return true;
    const response: unknown = context.getArgByIndex(1);
    const decision = this.engine.decide(entry.handle);
    const watched = this.engine.stats.isOn ? this.callerOf(request, context) : null;
    if (watched !== null) this.#watch(entry, response, decision.outcome, watched);
    if (decision.outcome === 'block') {
      throw this.answers.refuse(decision, entry.handle.key, responderOf(entry, decision), request, response);
    }
    if (decision.deprecation !== null) this.#announce(entry, decision.deprecation, response);
    return entry.limits === null ? true : this.#admitOrigin(entry, entry.limits, context, watched);
  }

  /** The route a request was matched to; `undefined` = none that Waygate knows. */
  routeOf(context: ExecutionContext): RouteEntry | undefined {
    return this.registry.find(context.getClass(), context.getHandler(), context.getArgByIndex(0), this.platform);
  }

  /** Who the request is from, as limits see it. */
  callerOf(request: unknown, context?: ExecutionContext): RequestCaller {
    return new RequestCaller(request, this.#identify, context);
  }

  /** The limits that waited until the app's guards knew who is calling. */
  admitIdentity({ entry, caller, reports }: PendingLimits, request: unknown, response: unknown): boolean | Promise<boolean> {
    if (entry.limits === null) return true;
    const outcome = this.engine.limit(entry.limits, 'identity', caller, this.platform.method(request));
    if (outcome instanceof Promise) return outcome.then((settled) => this.#settle(entry, settled, reports, request, response));
    return this.#settle(entry, outcome, reports, request, response);
  }

  #admitOrigin(
    entry: RouteEntry,
    limits: NonNullable<RouteEntry['limits']>,
    context: ExecutionContext,
    known: RequestCaller | null,
  ): boolean | Promise<boolean> {
    const request: unknown = context.getArgByIndex(0);
    const waits = this.engine.isLimited(limits, 'identity');
    if (!this.engine.isLimited(limits, 'origin')) {
      if (waits)
        leavePending(request, {
          enforcement: this,
          entry,
          caller: known ?? this.callerOf(request, context),
          reports: NO_REPORTS,
        });
      return true;
    }
    const response: unknown = context.getArgByIndex(1);
    // Two of them where both phases ask: what was known of the caller before the app's guards may not be so after them.
    const waiting = waits ? (known ?? this.callerOf(request, context)) : null;
    const caller = waits ? this.callerOf(request, context) : (known ?? this.callerOf(request, context));
    const outcome = this.engine.limit(limits, 'origin', caller, this.platform.method(request));
    if (outcome instanceof Promise)
      return outcome.then((settled) => this.#settleOrigin(entry, settled, waiting, request, response));
    return this.#settleOrigin(entry, outcome, waiting, request, response);
  }

  /** @param waiting the caller for whom limits of the second phase wait; `null` = none do */
  #settleOrigin(
    entry: RouteEntry,
    outcome: LimitOutcome,
    waiting: RequestCaller | null,
    request: unknown,
    response: unknown,
  ): boolean {
    if (waiting !== null) leavePending(request, { enforcement: this, entry, caller: waiting, reports: outcome.reports });
    return this.#settle(entry, outcome, NO_REPORTS, request, response);
  }

  /** @param earlier what an earlier phase found about the same request */
  #settle(
    entry: RouteEntry,
    outcome: LimitOutcome,
    earlier: readonly LimitReport[],
    request: unknown,
    response: unknown,
  ): boolean {
    const reports = earlier.length === 0 ? outcome.reports : [...earlier, ...outcome.reports];
    if (outcome.outcome === 'allow') {
      if (reports.length > 0) this.answers.tellLimits(reports, response);
      return true;
    }
    throw this.answers.refuse(
      { ...outcome, reports },
      entry.handle.key,
      entry.route.declaration.responders?.rateLimited,
      request,
      response,
    );
  }

  /** Counts the answer and how long it took; records the request where it comes as far as its limits. */
  #watch(entry: RouteEntry, response: unknown, outcome: LifecycleDecision['outcome'], caller: RequestCaller): void {
    const { stats } = this.engine;
    const traffic = entry.trafficIn(stats);
    const started = performance.now();
    this.platform.onAnswered(response, (status) => {
      const ms = performance.now() - started;
      traffic.answered(status, ms, outcome === 'block' ? 'waygate' : 'app');
      if (outcome === 'allow') stats.log?.add(entry.handle.key, this.engine.now() - ms, caller);
    });
  }

  #announce(entry: RouteEntry, deprecation: Deprecation, response: unknown): void {
    for (const [name, value] of entry.deprecationHeaders(deprecation)) {
      if (name === 'Link') this.platform.appendHeader(response, name, value);
      else this.platform.setHeader(response, name, value);
    }
  }
}

function responderOf({ route }: RouteEntry, block: Block): BlockResponder | undefined {
  if (block.kind === 'maintenance') return route.declaration.responders?.maintenance;
  return block.kind === 'disabled' ? route.declaration.responders?.disabled : undefined;
}
