import type { HandledRequest } from './handled-request.js';

const KEPT = Symbol('waygate:handled-request');

interface KeptHolder {
  [KEPT]?: HandledRequest;
}

/** Leaves a request on the platform's own, for guards that run later. */
export function keepRequest(handled: HandledRequest): void {
  (handled.request as KeptHolder)[KEPT] = handled;
}

/** What was left on the platform's request last; `undefined` = nothing. */
export function keptRequest(request: unknown): HandledRequest | undefined {
  return (request as KeptHolder)[KEPT];
}
