import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { headerOf, pathOf, type AdminRequest } from '../http/admin-request.js';

/** Headers that clients of the protocol send; `EventSource` sends `Last-Event-ID` without asking. */
const REQUEST_HEADERS = 'Authorization, Content-Type, If-None-Match, X-API-Key';
const PREFLIGHT_SECONDS = '3600';

/** Lets pages of other origins evaluate flags: those that the options name, and nothing but that. Cookies never count (Fetch, CORS protocol). */
@Injectable()
export class OfrepCors implements NestMiddleware<AdminRequest, ServerResponse> {
  constructor(@Inject(ADMIN_CONFIG) private readonly config: AdminConfig) {}

  use(request: AdminRequest, response: ServerResponse, next: () => void): void {
    if (!pathOf(request, this.config.path).startsWith('/ofrep/')) return next();
    const allowed = this.#allowed(headerOf(request, 'origin'));
    // Caches must not give the answer for one origin to another.
    if (this.config.ofrep.cors !== '*' && this.config.ofrep.cors.length > 0) response.appendHeader('vary', 'Origin');
    if (allowed === null) return next();
    response.setHeader('access-control-allow-origin', allowed);
    response.setHeader('access-control-expose-headers', 'ETag');
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (request.method !== 'OPTIONS' || headerOf(request, 'access-control-request-method') === null) return next();
    response
      .writeHead(204, {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': PREFLIGHT_SECONDS,
      })
      .end();
  }

  /** What an answer says of an origin; `null` = nothing. */
  #allowed(origin: string | null): string | null {
    const { cors } = this.config.ofrep;
    if (cors === '*') return origin === null ? null : '*';
    return origin !== null && cors.includes(origin) ? origin : null;
  }
}
