import { HttpException } from '@nestjs/common';
import type { Block, BlockedBody } from './custom-response.js';

/**
 * A request was not let through. Rendered as JSON like any `HttpException`, so that an app's own filters may catch it and answer in the
 * app's own form; headers (`Retry-After`, `Cache-Control`) are set already.
 */
export class WaygateException extends HttpException {
  constructor(
    readonly block: Block,
    /** The route's key; `null` = no route answers to the request. */
    readonly route: string | null,
    body: BlockedBody,
    status: number,
  ) {
    super(body, status, { description: body.error.message });
    this.name = 'WaygateException';
  }
}

/**
 * A request that Waygate itself answers, in a way no filter of the app should change: with a response the app gave for this case, or
 * with exactly what an unknown path gets. Waygate's own filter catches it first. Where that one is not asked (a handler put together in a
 * constructor), what it extends is the next best answer: the built-in one, or a plain 404.
 */
export class AnsweredByWaygate extends HttpException {
  /** @param answer gets what Express passes as `next` */
  constructor(
    readonly answer: (next: unknown) => void,
    otherwise: HttpException,
  ) {
    super(otherwise.getResponse(), otherwise.getStatus());
  }
}
