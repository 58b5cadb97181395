import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { headerOf, pathOf, principalOf, type AdminRequest } from '../http/admin-request.js';
import { AnswerError } from '../http/answer-error.js';
import { isObject } from '../http/body.js';
import { KnownNames } from './known-names.js';
import { namesInRequest } from './names-in-request.js';

/** What names a service, an exempt route, or the route of a limit. Other endpoints refuse unknown names by themselves. */
const NAMING = /^\/api\/(?:routes$|global\/|services\/|global-rate-limit(?:$|\/)|rate-limits(?:$|\/)|changes$)/;

/**
 * Compares the services and routes that a request names with those that are registered. With `Prefer: handling=strict` (RFC 7240, section
 * 4.4) an unknown name is refused with suggestions. Otherwise it is accepted, since clients of the Python Waygate name paths and services
 * freely, and the answer has `warnings`.
 */
@Injectable()
export class NamesInterceptor implements NestInterceptor {
  constructor(
    private readonly names: KnownNames,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<AdminRequest>();
    const path = pathOf(request, this.config.path);
    const strict = isStrict(headerOf(request, 'prefer'));
    // Nothing that is only read deserves a warning.
    if (!NAMING.test(path) || (request.method === 'GET' && !strict)) return next.handle();
    const named = namesInRequest(path, request);
    const sight = principalOf(request);
    if (strict) {
      http.getResponse<ServerResponse>().setHeader('preference-applied', 'handling=strict');
      if (named.limit !== null) this.names.requireOneService(named.limit, sight);
    }
    const problems = this.names.problems(named, sight);
    if (problems.length === 0) return next.handle();
    if (strict) throw new AnswerError(404, problems.join(' '), { body: { unknown: problems } });
    return next.handle().pipe(map((body: unknown) => (isObject(body) ? withWarnings(body, problems) : body)));
  }
}

/** `Prefer` is a list of preferences, each with optional parameters. */
function isStrict(prefer: string | null): boolean {
  return (prefer ?? '').split(/[,;]/).some((preference) => /^\s*handling\s*=\s*"?strict"?\s*$/i.test(preference));
}

function withWarnings(body: Readonly<Record<string, unknown>>, problems: readonly string[]): object {
  const own: unknown = body['warnings'];
  return { ...body, warnings: Array.isArray(own) ? [...own, ...problems] : problems };
}
