import type { FlagValue, LifecycleBlock, RateLimitedBlock } from '@waygate/core';

/** A flag that the handler requires does not give the caller the value it takes. */
export interface FlagBlock {
  readonly outcome: 'block';
  readonly kind: 'flag';
  /** Says which flag; not told to callers unless a responder does. */
  readonly reason: string;
  readonly flag: string;
  /** What the caller was given; `null` = there is no such flag, or it gives no value. */
  readonly value: FlagValue | null;
}

/** Why a request is not let through. */
export type Block = LifecycleBlock | RateLimitedBlock | FlagBlock;

/** What a responder gets to know. */
export interface BlockContext {
  /** Why the request is not let through. */
  readonly block: Block;
  /** The route's key, e.g. `GET:/payments`; `null` = no route answers to the request. */
  readonly route: string | null;
  /** Status and body of the built-in answer, to build upon. */
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
 * An answer in place of the built-in one. Text goes out as `text/plain`, an object as JSON, both with the built-in status;
 * {@link WaygateResponse} says everything else. `undefined` = the responder has written to the platform's response itself.
 */
export type BlockAnswer = WaygateResponse | string | Readonly<Record<string, unknown>> | undefined;

/** Makes the answer for a blocked request, or is it. One that throws is logged, and the built-in answer goes out. */
export type BlockResponder =
  ((context: BlockContext) => BlockAnswer | Promise<BlockAnswer>) | WaygateResponse | string | Readonly<Record<string, unknown>>;

export interface WaygateResponseOptions {
  /** Default: that of the built-in answer (503, 404, 429); 302 for a redirect. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A complete answer for blocked callers. */
export class WaygateResponse {
  private constructor(
    readonly body: string,
    readonly contentType: string | null,
    readonly status: number | null,
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  static html(body: string, { status, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse(body, 'text/html; charset=utf-8', status ?? null, headers);
  }

  static text(body: string, { status, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse(body, 'text/plain; charset=utf-8', status ?? null, headers);
  }

  static json(body: unknown, { status, headers = {} }: WaygateResponseOptions = {}): WaygateResponse {
    return new WaygateResponse(JSON.stringify(body), 'application/json; charset=utf-8', status ?? null, headers);
  }

  /** @param location path or URL; characters a header cannot carry are escaped */
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
