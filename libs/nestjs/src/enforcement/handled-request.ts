import type { ExecutionContext } from '@nestjs/common';
import type { Platform } from '../platform/platform.js';
import type { RouteEntry } from '../routes/route-registry.js';

/** What carries a request to its handler. */
export type Transport = 'http';

/**
 * One request on its way through enforcement. Created once, where the request enters, and passed to everything that decides about it or
 * answers it. Never changed.
 */
export class HandledRequest {
  readonly transport: Transport = 'http';

  constructor(
    readonly platform: Platform,
    /** The platform's request, as the app's own code sees it. */
    readonly request: unknown,
    /** The platform's response. */
    readonly response: unknown,
    /** The route that the request was matched to, with what it takes to decide about it; `undefined` = no route that Waygate knows. */
    readonly route: RouteEntry | undefined,
    /** What Nest says about the handler; `undefined` = no handler was found. */
    readonly context: ExecutionContext | undefined,
  ) {}

  /** Key of the route; `null` = no route answers to the request. */
  get key(): string | null {
    return this.route?.handle.key ?? null;
  }

  /** Method of the request, e.g. `GET`. */
  get method(): string {
    return this.platform.method(this.request);
  }

  /** Path of the request as it came, without its query. */
  get path(): string {
    return this.platform.requestPath(this.request);
  }

  setHeader(name: string, value: string): void {
    this.platform.setHeader(this.response, name, value);
  }
}
