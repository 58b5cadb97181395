import type { Caller } from '../model/caller.js';
import type { RateLimitPolicy } from '../schema/rate-limit.js';
import type { AddressGrouping } from './address.js';
import { CompiledLimit } from './compiled-limit.js';
import { MemoryCounterStore } from './memory-counter-store.js';

/** A request that was recorded. `null` = it is not known. */
export interface PastRequest {
  /** When it came, epoch ms. */
  readonly at: number;
  readonly ip: string | null;
  readonly user: string | null;
  readonly apiKey: string | null;
}

/** What a limit would have made of requests. */
export interface Replay {
  /** Requests it would have counted. */
  readonly requests: number;
  /** Those it would have refused. */
  readonly blocked: number;
  /** Requests it would have let through uncounted: from exempt addresses, or with nothing to count them by. */
  readonly uncounted: number;
  /** Callers it would have counted. */
  readonly callers: number;
  /** Those of whom it would have refused at least one request, the most refused first. */
  readonly blockedCallers: readonly ReplayedCaller[];
}

export interface ReplayedCaller {
  readonly caller: string;
  readonly requests: number;
  readonly blocked: number;
}

/**
 * Counts past requests by a limit, with the algorithms that count real ones and a clock that stands where each request came.
 * @param requests oldest first
 * @param weight how many requests each stands for where all share one counter
 */
export function replay(
  policy: RateLimitPolicy,
  requests: readonly PastRequest[],
  weight: number,
  grouping: AddressGrouping,
): Replay {
  let now = 0;
  const store = new MemoryCounterStore({ clock: () => now, capacity: Math.max(1_024, 2 * requests.length) });
  const limit = new CompiledLimit('route', policy, 'replay', {}, grouping, () => undefined);
  const callers = new Map<string, { requests: number; blocked: number }>();
  let [uncounted, blocked] = [0, 0];
  for (const request of requests) {
    const applied = limit.apply(callerOf(request));
    // Without functions of the app nothing waits.
    if (applied instanceof Promise || applied.kind === 'exempt') {
      uncounted++;
      continue;
    }
    const name = applied.kind === 'count' ? applied.check.caller : '';
    let caller = callers.get(name);
    if (caller === undefined) callers.set(name, (caller = { requests: 0, blocked: 0 }));
    caller.requests++;
    now = request.at;
    const cost = applied.kind === 'count' && policy.key === 'global' ? applied.check.cost * weight : null;
    const isAllowed =
      applied.kind === 'count' &&
      store.consume([cost === null ? applied.check : { ...applied.check, cost }])[0]?.allowed === true;
    if (isAllowed) continue;
    caller.blocked++;
    blocked++;
  }
  return {
    requests: requests.length - uncounted,
    blocked,
    uncounted,
    callers: callers.size,
    blockedCallers: [...callers]
      .filter(([, counts]) => counts.blocked > 0)
      .map(([caller, counts]) => ({ caller, ...counts }))
      .toSorted((a, b) => b.blocked - a.blocked),
  };
}

/** Tiers and roles were not recorded: the request counts as that of somebody who has none. */
function callerOf({ ip, user, apiKey }: PastRequest): Caller {
  return { ip, user, apiKey, roles: [], attribute: () => null, request: undefined };
}
