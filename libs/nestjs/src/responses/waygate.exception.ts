import { HttpException } from '@nestjs/common';
import type { Block, BlockedBody } from './custom-response.js';

/**
 * A request was blocked. Nest renders it as JSON like any `HttpException`, and an exception filter may catch it to answer in the app's own
 * format. The headers `Retry-After` and `Cache-Control` are already set.
 *
 * @example
 * ```ts
 * @Catch(WaygateException)
 * class BlockedFilter implements ExceptionFilter {
 *   catch(exception: WaygateException, host: ArgumentsHost) {
 *     const response = host.switchToHttp().getResponse<{ status(code: number): { json(body: object): void } }>();
 *     response.status(exception.getStatus()).json({ title: exception.message, kind: exception.block.kind });
 *   }
 * }
 * ```
 */
export class WaygateException extends HttpException {
  constructor(
    /** Why the request is blocked. */
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
