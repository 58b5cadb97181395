import { isDeepStrictEqual } from 'node:util';
import type { AuditAction } from '../model/vocabulary.js';
import { ValidationError } from '../model/errors.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { LimitScopeRecord, RateLimitAlgorithm, RateLimitInput } from '../schema/rate-limit.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import { planFor, type ChangeOptions, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import type { Snapshot } from '../state/snapshot.js';
import { policySummary, resetSummary } from './limit-planners.js';
import { readPolicy } from './policy.js';
import { afterReset } from './after-reset.js';
import { unexpiredScope, type ScopeSetting } from './unexpired-scope.js';

interface LimitScopeTarget extends ChangeOptions {
  /** The service whose routes are counted together. Default: `null`, everything. */
  readonly service?: string | null;
}

export interface LimitScopeSetting {
  readonly rateLimit: Omit<RateLimitInput, 'name'>;
  /** Routes it does not count: `/path` (all methods) or `METHOD:/path`, as templates. Default: none. */
  readonly exemptRoutes?: readonly string[];
}

/** Changes of the limits over everything and over services, by kind. */
export interface LimitScopeChanges {
  'limit-scope.set': LimitScopeTarget & Expiry & LimitScopeSetting;
  'limit-scope.clear': LimitScopeTarget;
  /** `caller` as shown in hits. Default: all callers. */
  'limit-scope.reset': LimitScopeTarget & { readonly caller?: string };
  'limit-scope.pause': LimitScopeTarget & Expiry;
  'limit-scope.resume': LimitScopeTarget;
}

type Verb = 'set' | 'updated' | 'deleted' | 'reset' | 'enabled' | 'disabled';

interface ScopeEdit {
  readonly verb: Verb;
  readonly after: LimitScopeRecord | null;
}

export function limitScopePlanners(defaultAlgorithm: RateLimitAlgorithm): Planners<LimitScopeChanges> {
  return {
    'limit-scope.set': (change, context) => {
      const { actor, now } = context;
      const policy = readPolicy(change.rateLimit, 'override', defaultAlgorithm);
      if (policy.key === 'custom')
        throw new ValidationError('rateLimit.key', "'custom' is only possible on routes, where the code gives the function");
      const exemptRoutes = readExemptRoutes(change.exemptRoutes ?? []);
      const expiresAt = readExpiry(change, now);
      return edited(change, context, policySummary(policy), (before, { revision }) => {
        const current = unexpiredScope(before, now);
        const setting = { policy, exemptRoutes, enabled: true, expiresAt };
        if (current !== null && isSameSetting(current, setting)) return null;
        return {
          verb: before === null ? 'set' : 'updated',
          after: {
            ...setting,
            // Not what a limit before this one counted, which was cleared, and maybe reset.
            resets: before?.resets ?? { generation: revision, callers: [] },
            setAt: new Date(now).toISOString(),
            setBy: actor,
            beneath: expiresAt === null || current === null ? null : layerOf(current),
          },
        };
      });
    },
    'limit-scope.clear': (change, context) =>
      edited(change, context, '', (before) => (before === null ? null : { verb: 'deleted', after: null })),
    'limit-scope.reset': (change, context) =>
      edited(change, context, resetSummary(change.caller), (before) =>
        before === null ? null : { verb: 'reset', after: { ...before, resets: afterReset(before.resets, change.caller) } },
      ),
    'limit-scope.pause': (change, context) => {
      const { actor, now } = context;
      const expiresAt = readExpiry(change, now);
      return edited(change, context, '', (before) => {
        const current = unexpiredScope(before, now);
        if (before === null || current === null) return null;
        const paused = { ...current, resets: before.resets, enabled: false };
        if (expiresAt === null) return { verb: 'disabled', after: paused };
        const set = { setAt: new Date(now).toISOString(), setBy: actor };
        return { verb: 'disabled', after: { ...paused, ...set, expiresAt, beneath: layerOf(current) } };
      });
    },
    'limit-scope.resume': (change, context) =>
      edited(change, context, '', (before) => {
        const current = unexpiredScope(before, context.now);
        if (before === null || current === null) return null;
        return { verb: 'enabled', after: { ...current, resets: before.resets, enabled: true } };
      }),
  };
}

function edited(
  { service = null }: LimitScopeTarget,
  context: PlanContext,
  summary: string,
  edit: (before: LimitScopeRecord | null, snapshot: Snapshot) => ScopeEdit | null,
): Plan {
  const key = service === null ? GLOBAL_SCOPE : serviceName(service);
  return planFor(
    {
      kind: 'limit-scope',
      key,
      service,
      edit: (before, snapshot) => {
        const result = edit(before, snapshot);
        if (result === null || isDeepStrictEqual(result.after, before)) return null;
        const action: AuditAction = service === null ? `global_rl_${result.verb}` : `svc_rl_${result.verb}`;
        return { action, after: result.after, summary };
      },
    },
    context,
  );
}

/** What holds again when the limit above it ends; counters belong to the record as a whole. */
function layerOf({ policy, exemptRoutes, enabled, setAt, setBy, expiresAt, beneath }: ScopeSetting): ScopeSetting {
  return { policy, exemptRoutes, enabled, setAt, setBy, expiresAt, beneath };
}

/** Whether setting it again would change nothing but who set it when. */
function isSameSetting(
  { policy, exemptRoutes, enabled, expiresAt }: Omit<LimitScopeRecord, 'resets'>,
  setting: Pick<LimitScopeRecord, 'policy' | 'exemptRoutes' | 'enabled' | 'expiresAt'>,
): boolean {
  return isDeepStrictEqual({ policy, exemptRoutes, enabled, expiresAt }, setting);
}

/** @throws {ValidationError} */
function readExemptRoutes(routes: readonly string[]): readonly string[] {
  if (!Array.isArray(routes)) throw new ValidationError('exemptRoutes', "must be a list of routes, e.g. ['/health']");
  if (routes.length > 10_000) throw new ValidationError('exemptRoutes', 'must have at most 10 000 routes');
  const keys = routes.map((key: unknown, index) => {
    if (typeof key !== 'string')
      throw new ValidationError(`exemptRoutes[${index}]`, "must be a route: '/path' or 'METHOD:/path'");
    return formatRouteKey({ ...parseRouteKey(key, `exemptRoutes[${index}]`), service: null });
  });
  return [...new Set(keys)];
}
