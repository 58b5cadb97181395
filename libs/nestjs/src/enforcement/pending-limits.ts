import type { LimitPlan, LimitReport } from '@waygate/core';
import type { RequestCaller } from '../identity/request-caller.js';
import type { HandledRequest } from './handled-request.js';

/** Decides about limits that had to wait. */
interface SecondPhase {
  admitIdentity(pending: PendingLimits): boolean | Promise<boolean>;
}

/** What the first phase leaves for the second: limits that wait until it is known who is calling. */
export interface PendingLimits {
  readonly enforcement: SecondPhase;
  readonly handled: HandledRequest;
  /** The limits of the route, looked up once for both phases. */
  readonly plan: LimitPlan;
  readonly caller: RequestCaller;
  /** What the first phase found, to be reported in the same headers. */
  readonly reports: readonly LimitReport[];
}

const PENDING = Symbol('waygate:pending-limits');

interface PendingHolder {
  [PENDING]?: PendingLimits | undefined;
}

export function leavePending(pending: PendingLimits): void {
  (pending.handled.request as PendingHolder)[PENDING] = pending;
}

/** What is pending for a request, once. */
export function takePending(request: unknown): PendingLimits | undefined {
  const holder = request as PendingHolder;
  const pending = holder[PENDING];
  if (pending !== undefined) holder[PENDING] = undefined;
  return pending;
}
