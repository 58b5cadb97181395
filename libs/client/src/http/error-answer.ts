import {
  AmbiguousRouteError,
  ApiError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  PreconditionFailedError,
  RateLimitedError,
  ServerError,
  UnauthorizedError,
} from './errors.js';
import type { HttpAnswer } from './transport.js';

/** The error an answer of status 400 and above means. */
export function errorOf(answer: HttpAnswer): ApiError {
  const { status } = answer;
  const body = objectOf(answer.body);
  const message = messageOf(body, status);
  switch (status) {
    case 401:
      return new UnauthorizedError(status, message, body);
    case 403:
      return new ForbiddenError(status, message, body);
    case 404:
      return new NotFoundError(status, message, body);
    case 409: {
      const matches = body['ambiguous_matches'];
      if (!Array.isArray(matches)) return new ConflictError(status, message, body);
      return new AmbiguousRouteError(
        message,
        matches.filter((match) => typeof match === 'string'),
        body,
      );
    }
    case 412:
      return new PreconditionFailedError(status, message, body);
    case 429:
      return new RateLimitedError(message, retryAfterSeconds(answer.headers['retry-after']), body);
    default:
      return status >= 500 ? new ServerError(status, message, body) : new ApiError(status, message, body);
  }
}

/** Seconds of a `Retry-After` header (RFC 9110, §10.2.3: a number or a date); `null` = none, or unreadable. */
function retryAfterSeconds(header: string | undefined, now: number = Date.now()): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `error` is a text in this API; a Waygate that blocks the API itself, and other middle men, send objects. */
function messageOf(body: Readonly<Record<string, unknown>>, status: number): string {
  const { error, message } = body;
  if (typeof error === 'string') return error;
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message;
  return typeof message === 'string' ? message : `HTTP ${status}`;
}
