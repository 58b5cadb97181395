/** Base of every error of this client. `code` is stable and safe to match on; the message says what to do next. */
export abstract class WaygateClientError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option of the client is wrong. */
export class ClientConfigurationError extends WaygateClientError {
  readonly code = 'INVALID_CONFIGURATION';
}

/** No answer came, so that nothing is known about what the server did. */
export abstract class NoAnswerError extends WaygateClientError {
  constructor(
    readonly url: string,
    message: string,
    /** `true` when the request certainly never reached the server. */
    readonly neverSent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Nobody answers at the address. */
export class UnreachableError extends NoAnswerError {
  readonly code = 'UNREACHABLE';
}

/** The server's certificate is not trusted, or the two sides cannot agree on TLS. Nothing was sent. */
export class TlsError extends NoAnswerError {
  readonly code = 'TLS';
}

/** The server took longer than the client waits. */
export class TimeoutError extends NoAnswerError {
  readonly code = 'TIMEOUT';
}

/** Somebody answered, but not a Waygate API: a proxy's page, a wrong base URL. */
export class NotJsonError extends WaygateClientError {
  readonly code = 'NOT_JSON';

  constructor(
    readonly url: string,
    readonly status: number,
    readonly contentType: string,
  ) {
    super(
      `${url} answered ${status} with ${contentType === '' ? 'no content type' : contentType} instead of JSON. ` +
        'Is the base URL the one Waygate is mounted at, its prefix included?',
    );
  }
}

/** The server refused the request and said why. */
export class ApiError extends WaygateClientError {
  readonly code: string = 'API';

  constructor(
    readonly status: number,
    message: string,
    /** The JSON object the server answered with. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** 401: no token, or one that has expired or was revoked. */
export class UnauthorizedError extends ApiError {
  override readonly code = 'UNAUTHORIZED';
}

/** 403: the token's role or scope does not reach this far. */
export class ForbiddenError extends ApiError {
  override readonly code = 'FORBIDDEN';
}

export class NotFoundError extends ApiError {
  override readonly code = 'NOT_FOUND';
}

/** 409: what is there forbids the change, e.g. the route is force-active, or the flag exists already. */
export class ConflictError extends ApiError {
  override readonly code: string = 'CONFLICT';
}

/** 409: a bare path names several routes; pick from {@link matches}. */
export class AmbiguousRouteError extends ConflictError {
  override readonly code = 'AMBIGUOUS';

  constructor(
    message: string,
    readonly matches: readonly string[],
    body: Readonly<Record<string, unknown>> = {},
  ) {
    super(409, message, body);
  }
}

/** 412: somebody else changed the record since it was read. Read again and repeat. */
export class PreconditionFailedError extends ApiError {
  override readonly code = 'PRECONDITION_FAILED';
}

/** 429: too many requests. */
export class RateLimitedError extends ApiError {
  override readonly code = 'RATE_LIMITED';

  constructor(
    message: string,
    /** Seconds; `null` = the server did not say. */
    readonly retryAfter: number | null,
    body: Readonly<Record<string, unknown>> = {},
  ) {
    super(429, message, body);
  }
}

/** 5xx: the server failed. */
export class ServerError extends ApiError {
  override readonly code = 'SERVER';
}
