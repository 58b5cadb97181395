import type { LimitReport } from '@waygate/core';
import type { RequestCaller } from '../identity/request-caller.js';
import type { RouteEntry } from '../routes/route-registry.js';

/** Decides about limits that had to wait. */
interface SecondPhase {
  admitIdentity(pending: PendingLimits, request: unknown, response: unknown): boolean | Promise<boolean>;
}

/** What the first phase leaves for the second: limits that wait until it is known who is calling. */
export interface PendingLimits {
  readonly enforcement: SecondPhase;
  readonly entry: RouteEntry;
  readonly caller: RequestCaller;
  /** What the first phase found, to be told in the same headers. */
  readonly reports: readonly LimitReport[];
}

const PENDING = Symbol('waygate:pending-limits');

export function leavePending(request: unknown, pending: PendingLimits): void {
  (request as { [PENDING]?: PendingLimits })[PENDING] = pending;
}

/** What is pending for a request, once. */
export function takePending(request: unknown): PendingLimits | undefined {
  const holder = request as { [PENDING]?: PendingLimits | undefined };
  const pending = holder[PENDING];
  if (pending !== undefined) holder[PENDING] = undefined;
  return pending;
}
