import type { BlockedBy, EffectiveState, Instant, RouteStatus } from '@waygate/core';
import { wireTime, wireTimeOrNull } from '../http/wire-time.js';

/** What applies to a handler, on the wire. */
export interface EffectiveOnWire {
  readonly status: RouteStatus;
  readonly blocked_by: BlockedBy | null;
  readonly reason: string;
  readonly since: Instant | null;
  readonly until: Instant | null;
  readonly source: EffectiveState['source'];
  readonly set_by: string | null;
  readonly next: {
    readonly at: Instant;
    readonly status: RouteStatus;
    readonly blocked_by: BlockedBy | null;
    readonly reason: string;
  } | null;
}

export function effectiveWire({ status, blockedBy, reason, since, until, source, setBy, next }: EffectiveState): EffectiveOnWire {
  return {
    status,
    blocked_by: blockedBy,
    reason,
    since: wireTimeOrNull(since),
    until: wireTimeOrNull(until),
    source,
    set_by: setBy,
    next: next === null ? null : { at: wireTime(next.at), status: next.status, blocked_by: next.blockedBy, reason: next.reason },
  };
}
