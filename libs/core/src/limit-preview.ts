import type { RateLimitPolicy } from './schema/rate-limit.js';
import type { AddressGrouping } from './rate-limit/address.js';
import { replay, type ReplayedCaller } from './rate-limit/replay.js';
import type { RequestStats } from './stats/request-stats.js';

/** What a limit would have done to the traffic of the last hour that came to this process. */
export interface LimitPreview {
  /** Requests that were replayed; estimated where {@link factor} is more than 1, as all counts here. */
  readonly requests: number;
  readonly callers: number;
  readonly blocked: number;
  readonly blockedCallers: number;
  /** Requests it does not count: exempt addresses, and those that do not say who they are from. */
  readonly uncounted: number;
  /** Those who would have been refused most often; at most 5. Counts as recorded. */
  readonly top: readonly ReplayedCaller[];
  /** One of so many addresses was recorded; 1 = all. */
  readonly factor: number;
  /** Since when requests are recorded, epoch ms; at most an hour ago. `null` = nothing is, as statistics are off. */
  readonly since: number | null;
  /** Parts of the limit that could not be taken into account, as what they depend on is not recorded. */
  readonly unknown: readonly ('tiers' | 'exempt roles' | 'key')[];
}

const TOP = 5;
const NOTHING = { requests: 0, callers: 0, blocked: 0, blockedCallers: 0, uncounted: 0, top: [], factor: 1 } as const;

/** @param covers which routes the limit is over */
export function previewLimit(
  stats: RequestStats,
  policy: RateLimitPolicy,
  covers: (route: string) => boolean,
  grouping: AddressGrouping,
): LimitPreview {
  const unknown = unknownParts(policy);
  if (stats.log === null) return { ...NOTHING, since: null, unknown };
  const { requests, factor, since } = stats.log.sample(covers);
  if (policy.key === 'custom') return { ...NOTHING, uncounted: requests.length * factor, factor, since, unknown };
  const result = replay(policy, requests, factor, grouping);
  const callerFactor = policy.key === 'global' ? 1 : factor;
  return {
    requests: result.requests * factor,
    callers: result.callers * callerFactor,
    blocked: result.blocked * factor,
    blockedCallers: result.blockedCallers.length * callerFactor,
    uncounted: result.uncounted * factor,
    top: result.blockedCallers.slice(0, TOP),
    factor,
    since,
    unknown,
  };
}

function unknownParts({ tiers, exemptRoles, key }: RateLimitPolicy): LimitPreview['unknown'] {
  return [
    ...(tiers.length > 0 ? (['tiers'] as const) : []),
    ...(exemptRoles.length > 0 ? (['exempt roles'] as const) : []),
    ...(key === 'custom' ? (['key'] as const) : []),
  ];
}
