import { isDeepStrictEqual } from 'node:util';
import { RouteProtectedError, ValidationError } from '../model/errors.js';
import { readExpiry, type Expiry } from '../model/expiry.js';
import {
  NO_RESETS,
  type RateLimitAlgorithm,
  type RateLimitOverride,
  type RateLimitInput,
  type RateLimitPolicy,
  type RateLimitRecord,
} from '../schema/rate-limit.js';
import { parseRouteKey } from '../model/route-key.js';
import { instantMs } from '../model/time.js';
import { planFor, type ChangeOptions, type Edit, type Plan, type PlanContext, type Planners } from '../planning/plan.js';
import type { Snapshot } from '../state/snapshot.js';
import { MAX_POLICIES, overrideInForce, type LimitTable } from './limit-table.js';
import { readPolicy } from './policy.js';
import { afterReset } from './after-reset.js';

interface LimitTarget extends ChangeOptions {
  /** `METHOD:/path`, or `/path` when one method answers to it; behind `service:` for a route of another service. */
  readonly key: string;
}

/** Changes of the limits of routes, by kind. */
export interface LimitChanges {
  'limit.set': LimitTarget & Expiry & { readonly rateLimit: RateLimitInput };
  'limit.clear': LimitTarget;
  /** `caller` as shown in hits. Default: all callers. */
  'limit.reset': LimitTarget & { readonly caller?: string };
}

export interface LimitPlanning {
  readonly table: LimitTable;
  readonly defaultAlgorithm: RateLimitAlgorithm;
  /** Finds the record key of a registered route; throws where there is none, or several. */
  readonly resolveRoute: (key: string, snapshot: Snapshot) => string;
}

const MAX_STACKED_OVERRIDES = 16;

export function limitPlanners({ table, defaultAlgorithm, resolveRoute }: LimitPlanning): Planners<LimitChanges> {
  const edited = (recordKey: string, context: PlanContext, edit: (before: RateLimitRecord) => Edit<'rate-limit'> | null): Plan =>
    planFor(
      {
        kind: 'rate-limit',
        key: recordKey,
        service: parseRouteKey(recordKey).service,
        edit: (stored) => edit(currentLimits(table, recordKey, stored)),
      },
      context,
    );
  return {
    'limit.set': (change, context) => {
      const { actor, now, snapshot } = context;
      const recordKey = resolveRoute(change.key, snapshot);
      if (snapshot.get('route', recordKey)?.value.declared.forceActive === true)
        throw new RouteProtectedError(recordKey, 'be limited');
      const policy = readPolicy(change.rateLimit, 'override', defaultAlgorithm);
      const expiresAt = readExpiry(change, now);
      return edited(recordKey, context, (before) => {
        checkCustomKey(policy, before);
        const inForce = overrideInForce(before.override, now);
        const current = inForce?.policies ?? before.declared;
        const replaced = current.find(({ name }) => name === policy.name);
        if (inForce !== null && inForce.expiresAt === expiresAt && isDeepStrictEqual(replaced, policy)) return null;
        const policies = [...current.filter(({ name }) => name !== policy.name), policy];
        if (policies.length > MAX_POLICIES)
          throw new ValidationError('rateLimit.name', `a route has at most ${MAX_POLICIES} limits`);
        const beneath = expiresAt === null ? null : unexpired(before.override, now);
        const override = { policies, setAt: new Date(now).toISOString(), setBy: actor, expiresAt, beneath };
        const action = replaced === undefined ? 'rl_policy_set' : 'rl_policy_updated';
        return { action, after: withOverride(before, override), summary: policySummary(policy) };
      });
    },
    'limit.clear': ({ key }, context) =>
      edited(resolveRoute(key, context.snapshot), context, (before) =>
        before.override === null ? null : { action: 'rl_policy_deleted', after: { ...before, override: null } },
      ),
    'limit.reset': ({ key, caller }, context) =>
      edited(resolveRoute(key, context.snapshot), context, (before) => ({
        action: 'rl_reset',
        after: { ...before, resets: afterReset(before.resets, caller) },
        summary: resetSummary(caller),
      })),
  };
}

/** The record as this process sees it: its own code knows better than the store what is declared. */
export function currentLimits(table: LimitTable, recordKey: string, stored: RateLimitRecord | null): RateLimitRecord {
  const declared = table.find(recordKey)?.declared ?? stored?.declared ?? [];
  const { service } = parseRouteKey(recordKey);
  return { service, declared, override: stored?.override ?? null, resets: stored?.resets ?? NO_RESETS };
}

/** What an audit entry says about a limit: `{limit} · {algorithm} · {key strategy}` (wire contract, §3). */
export function policySummary({ limit, algorithm, key }: RateLimitPolicy): string {
  return `${limit} · ${algorithm} · ${key}`;
}

export function resetSummary(caller: string | undefined): string {
  return caller === undefined ? '' : `caller ${caller}`;
}

/** @throws {ValidationError} */
function checkCustomKey(policy: RateLimitPolicy, { declared }: RateLimitRecord): void {
  if (policy.key !== 'custom' || declared.some(({ name, key }) => name === policy.name && key === 'custom')) return;
  throw new ValidationError(
    'rateLimit.key',
    "'custom' is only possible where the code gives a function for the limit of that name",
  );
}

/** @throws {ValidationError} when overrides are stacked too high */
function withOverride(record: RateLimitRecord, override: RateLimitOverride): RateLimitRecord {
  if (depth(override) > MAX_STACKED_OVERRIDES) {
    throw new ValidationError(
      'expiresAt',
      `the route has ${MAX_STACKED_OVERRIDES} limits on top of each other already; clear it first`,
    );
  }
  return { ...record, override };
}

function unexpired(override: RateLimitOverride | null, now: number): RateLimitOverride | null {
  if (override === null) return null;
  const beneath = unexpired(override.beneath, now);
  return override.expiresAt !== null && instantMs(override.expiresAt) <= now ? beneath : { ...override, beneath };
}

function depth(override: RateLimitOverride | null): number {
  return override === null ? 0 : 1 + depth(override.beneath);
}
