import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { LimitQuota, LimitReport, WaygateEngine } from '@waygate/core';
import { Logger, NotFoundException } from '@nestjs/common';
import { errorTrace } from '@waygate/core/native-errors';
import type { Platform } from '../platform/platform.js';
import { blockedBody, blockedHeaders, blockedStatus } from './blocked-body.js';
import { WaygateResponse, type Block, type BlockAnswer, type BlockContext, type BlockResponder } from './custom-response.js';
import { rateLimitHeaders, type RateLimitHeaders } from './rate-limit-headers.js';
import { AnsweredByWaygate, WaygateException } from './waygate.exception.js';

/** Headers that tell that there is a route. */
const TELLING_HEADERS = [
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'RateLimit-Policy',
  'RateLimit',
  'Deprecation',
  'Sunset',
  'Link',
] as const;

/** What the module says about answers to blocked requests. */
export interface BlockedAnswerOptions {
  readonly responses: {
    readonly maintenance?: BlockResponder;
    readonly disabled?: BlockResponder;
    readonly envGated?: BlockResponder;
    readonly rateLimited?: BlockResponder;
  };
  readonly envGate: 'not-found' | 'forbidden';
  readonly headers: RateLimitHeaders;
}

/** Turns a block into what the caller gets: the route's own answer, else the module's, else the built-in one. */
export class BlockedAnswers {
  readonly #logger = new Logger('Waygate');
  #lastReset = 0;
  #lastResetText = '0';

  constructor(
    private readonly engine: WaygateEngine,
    private readonly platform: Platform,
    private readonly options: BlockedAnswerOptions,
  ) {}

  /**
   * Sets the headers and returns what to throw.
   * @param route key of the route; `null` = no route answers to the request
   * @param own the responder declared on the route for this kind of block
   */
  refuse(block: Block, route: string | null, own: BlockResponder | undefined, request: unknown, response: unknown): Error {
    // Limits tell their refusals themselves, where they also count those in shadow mode.
    // Evaluations of flags are told as such.
    if (block.kind !== 'rate_limited' && block.kind !== 'flag') this.engine.events.emit('blocked', { route, block });
    const responder = own ?? this.#moduleResponder(block);
    if (responder === undefined && this.#isHidden(block)) {
      if (block.kind === 'flag') this.#untell(response);
      const unknown = new NotFoundException(`Cannot ${this.platform.method(request)} ${this.platform.requestPath(request)}`);
      return new AnsweredByWaygate((next) => this.platform.answerUnknownPath(request, response, next), unknown);
    }
    const now = this.engine.now();
    for (const [name, value] of blockedHeaders(block, now)) this.platform.setHeader(response, name, value);
    if (block.kind === 'rate_limited') this.tellLimits(block.reports, response, block.unasked);
    const body = blockedBody(block, this.platform.requestPath(request), now);
    const status = blockedStatus(block);
    const builtIn = new WaygateException(block, route, body, status);
    if (responder === undefined) return builtIn;
    const context: BlockContext = { block, route, status, body, request, response };
    return new AnsweredByWaygate(() => void this.answer(responder, context), builtIn);
  }

  /** Sets the headers for where a caller stands. */
  tellLimits(reports: readonly LimitReport[], response: unknown, unasked: readonly LimitQuota[] = []): void {
    const { headers } = this.options;
    const [only] = reports;
    if (headers === 'legacy' && reports.length === 1 && only !== undefined) {
      // The usual case, without the lists.
      this.platform.setLegacyLimit(response, String(only.limit), String(only.remaining), this.#resetText(only.resetAt));
      return;
    }
    for (const [name, value] of rateLimitHeaders(reports, headers, this.engine.now(), unasked))
      this.platform.setHeader(response, name, value);
  }

  #isHidden({ kind }: Block): boolean {
    return kind === 'flag' || (kind === 'env_gated' && this.options.envGate === 'not-found');
  }

  /** Takes back what was said about the route before it was known that the caller must not see it. */
  #untell(response: unknown): void {
    for (const name of TELLING_HEADERS) this.platform.removeHeader(response, name);
  }

  /** Numbers of this size are slow to write, and the one of the request before is mostly this one too. */
  #resetText(resetAt: number): string {
    const seconds = Math.ceil(resetAt / 1_000);
    if (seconds !== this.#lastReset) {
      this.#lastReset = seconds;
      this.#lastResetText = String(seconds);
    }
    return this.#lastResetText;
  }

  /** Sends what a responder makes. Never rejects. */
  async answer(responder: BlockResponder, context: BlockContext): Promise<void> {
    const { response, status, body } = context;
    try {
      const answer = typeof responder === 'function' ? await responder(context) : responder;
      if (answer === undefined) return;
      this.#send(response, asResponse(answer), status);
    } catch (error) {
      const about = `The response for ${context.route ?? 'unknown paths'} (${context.block.kind}) failed; the built-in one was sent`;
      this.#logger.error(about, errorTrace(error));
      if (!this.platform.isAnswered(response)) this.#send(response, WaygateResponse.json(body), status);
    }
  }

  #send(response: unknown, answer: WaygateResponse, status: number): void {
    const headers = Object.entries(answer.headers);
    // Fastify finds out only when it writes them, and then answers nothing at all.
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    for (const [name, value] of headers) this.platform.setHeader(response, name, value);
    this.platform.send(response, answer.status ?? status, answer.contentType, answer.body);
  }

  #moduleResponder(block: Block): BlockResponder | undefined {
    const { responses } = this.options;
    if (block.kind === 'maintenance') return responses.maintenance;
    if (block.kind === 'rate_limited') return responses.rateLimited;
    if (block.kind === 'flag') return undefined;
    return block.kind === 'disabled' ? responses.disabled : responses.envGated;
  }
}

function asResponse(answer: Exclude<BlockAnswer, undefined>): WaygateResponse {
  if (answer instanceof WaygateResponse) return answer;
  return typeof answer === 'string' ? WaygateResponse.text(answer) : WaygateResponse.json(answer);
}
