import type { FlagValue, LifecycleBlock, RateLimitedBlock } from '@waygate/core';

/** A block by `@RequireFlag`: the flag does not have the required value for the caller. */
export interface FlagBlock {
  readonly outcome: 'block';
  readonly kind: 'flag';
  /** Names the flag. Callers do not see it, unless a responder shows it. */
  readonly reason: string;
  readonly flag: string;
  /** The value for the caller; `null` = the flag does not exist or has no value. */
  readonly value: FlagValue | null;
}

/** Why a request is blocked. */
export type Block = LifecycleBlock | RateLimitedBlock | FlagBlock;

/** The argument of a {@link BlockResponder}. */
export interface BlockContext {
  /** Why the request is blocked. */
  readonly block: Block;
  /** The route's key, e.g. `GET:/payments`; `null` = no route answers to the request. */
  readonly route: string | null;
  /** Status and body of the built-in answer, as a starting point. */
  readonly status: number;
  readonly body: BlockedBody;
  /** The platform's request and response (Express `Request`/`Response`, Fastify `Request`/`Reply`). */
  readonly request: unknown;
  readonly response: unknown;
}

/** The built-in JSON answer. */
export interface BlockedBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly reason: string;
    /** Path of the request, without its query. */
    readonly path: string;
    readonly [more: string]: unknown;
  };
}

/**
 * An answer that replaces the built-in one. Text is sent as `text/plain`, an object as JSON, both with the built-in status. For anything
 * else return a {@link WaygateResponse}. `undefined` = the responder has written to the platform's response itself.
 */
export type BlockAnswer = WaygateResponse | string | Readonly<Record<string, unknown>> | undefined;

/** The answer for blocked requests, or a function that makes it. When the function throws, the error is logged and the built-in answer is sent. */
export type BlockResponder =
  ((context: BlockContext) => BlockAnswer | Promise<BlockAnswer>) | WaygateResponse | string | Readonly<Record<string, unknown>>;

/** Options of {@link WaygateResponse}. */
export interface WaygateResponseOptions {
  /** Default: the status of the built-in answer (503, 404, 429); 302 for a redirect. */
  readonly status?: number;
  /** Headers to add. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A complete answer for blocked callers: body, content type, status, and headers.
 *
 * @example
 * ```ts
 * @Controller('payments')
 * class PaymentsController {
 *   @Get()
 *   @Maintenance({ response: WaygateResponse.html('<h1>Back at 4 am</h1>', { headers: { 'x-page': 'maintenance' } }) })
 *   list() {}
 * }
 * ```
 */
export class WaygateResponse {
  private constructor(
    readonly body: string,
    readonly contentType: string | null,
    readonly status: number | null,
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  /**
   * Answers with HTML.
   *
   * @example
   * ```ts
   * const page = WaygateResponse.html('<h1>Back soon</h1>');
   * ```
   */
  static html(body: string, { status, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse(body, 'text/html; charset=utf-8', status ?? null, headers);
  }

  /**
   * Answers with plain text.
   *
   * @example
   * ```ts
   * const answer = WaygateResponse.text('Back soon', { status: 503 });
   * ```
   */
  static text(body: string, { status, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse(body, 'text/plain; charset=utf-8', status ?? null, headers);
  }

  /**
   * Answers with JSON.
   * @param body anything `JSON.stringify` accepts
   *
   * @example
   * ```ts
   * const answer = WaygateResponse.json({ error: 'upgrade' }, { status: 402 });
   * ```
   */
  static json(body: unknown, { status, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse(JSON.stringify(body), 'application/json; charset=utf-8', status ?? null, headers);
  }

  /**
   * Redirects, with status 302 by default.
   * @param location path or URL; characters that are not allowed in a header are escaped
   *
   * @example
   * ```ts
   * const answer = WaygateResponse.redirect('https://status.example.com');
   * ```
   */
  static redirect(location: string, { status = 302, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse('', null, status, { ...headers, location: headerUri(location) });
  }
}

/** A URI reference as it may stand in a header: what is not allowed there is percent-encoded, what is encoded stays. */
export function headerUri(reference: string): string {
  return reference
    .trim()
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[^\x21-\x7e]|[<>"\\^`{|}]/gu, (character) => encodeURIComponent(character));
}
