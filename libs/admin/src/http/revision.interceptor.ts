import type { ServerResponse } from 'node:http';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { tap, type Observable } from 'rxjs';
import { isObject } from './body.js';

/** Gives the revision of an answered record as its `ETag`, for `If-Match` of a later change. */
@Injectable()
export class RevisionInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<ServerResponse>();
    return next.handle().pipe(
      tap((body: unknown) => {
        if (isObject(body) && typeof body['revision'] === 'number' && !response.headersSent)
          response.setHeader('etag', `"${body['revision']}"`);
      }),
    );
  }
}
