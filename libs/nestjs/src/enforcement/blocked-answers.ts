import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { LimitQuota, LimitReport, WaygateEngine } from '@waygate/core';
import { Logger, NotFoundException } from '@nestjs/common';
import { errorTrace } from '@waygate/core/native-errors';
import { blockedBody, blockedHeaders, blockedStatus } from '../responses/blocked-body.js';
import {
  WaygateResponse,
  type Block,
  type BlockAnswer,
  type BlockContext,
  type BlockResponder,
} from '../responses/custom-response.js';
import { rateLimitHeaders, type RateLimitHeaders } from '../responses/rate-limit-headers.js';
import { AnsweredByWaygate, WaygateException } from '../responses/waygate.exception.js';
import type { HandledRequest } from './handled-request.js';

/** Headers that show that a route exists. */
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
    private readonly options: BlockedAnswerOptions,
  ) {}

  /**
   * Sets the headers and returns what to throw.
   * @param own the responder declared on the route for this kind of block
   */
  refuse(block: Block, handled: HandledRequest, own?: BlockResponder): Error {
    const { key: route, path, platform, request, response } = handled;
    // Limits report their refusals themselves, where they also count those in shadow mode. Evaluations of flags are reported as such.
    if (block.kind !== 'rate_limited' && block.kind !== 'flag') this.engine.events.emit('blocked', { route, block });
    const responder = own ?? this.#moduleResponder(block);
    if (responder === undefined && this.#isHidden(block)) {
      if (block.kind === 'flag') hideRoute(handled);
      const unknown = new NotFoundException(`Cannot ${handled.method} ${path}`);
      return new AnsweredByWaygate((next) => platform.answerUnknownPath(request, response, next), unknown);
    }
    const now = this.engine.now();
    for (const [name, value] of blockedHeaders(block, now)) handled.setHeader(name, value);
    if (block.kind === 'rate_limited') this.writeLimitHeaders(handled, block.reports, block.unasked);
    const body = blockedBody(block, path, now);
    const status = blockedStatus(block);
    const builtIn = new WaygateException(block, route, body, status);
    if (responder === undefined) return builtIn;
    const context: BlockContext = { block, route, status, body, request, response };
    return new AnsweredByWaygate(() => void this.#answer(responder, context, handled), builtIn);
  }

  /** Sets the headers that say where a caller stands. */
  writeLimitHeaders(handled: HandledRequest, reports: readonly LimitReport[], unasked: readonly LimitQuota[] = []): void {
    const { headers } = this.options;
    const [only] = reports;
    if (headers === 'legacy' && reports.length === 1 && only !== undefined) {
      // The usual case, without the lists.
      const { limit, remaining, resetAt } = only;
      handled.platform.setLegacyLimit(handled.response, String(limit), String(remaining), this.#resetText(resetAt));
      return;
    }
    for (const [name, value] of rateLimitHeaders(reports, headers, this.engine.now(), unasked)) handled.setHeader(name, value);
  }

  /** Whether the caller gets exactly what an unknown path gets. */
  hides(block: Block): boolean {
    return this.#moduleResponder(block) === undefined && this.#isHidden(block);
  }

  #isHidden({ kind }: Block): boolean {
    return kind === 'flag' || (kind === 'env_gated' && this.options.envGate === 'not-found');
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
  async #answer(responder: BlockResponder, context: BlockContext, handled: HandledRequest): Promise<void> {
    const { status, body } = context;
    try {
      const answer = typeof responder === 'function' ? await responder(context) : responder;
      if (answer === undefined) return;
      send(handled, asResponse(answer), status);
    } catch (error) {
      const about = `The response for ${context.route ?? 'unknown paths'} (${context.block.kind}) failed; the built-in one was sent`;
      this.#logger.error(about, errorTrace(error));
      if (!handled.platform.isAnswered(handled.response)) send(handled, WaygateResponse.json(body), status);
    }
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

function send(handled: HandledRequest, answer: WaygateResponse, status: number): void {
  const headers = Object.entries(answer.headers);
  // Fastify finds out only when it writes them, and then answers nothing at all.
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  for (const [name, value] of headers) handled.setHeader(name, value);
  handled.platform.send(handled.response, answer.status ?? status, answer.contentType, answer.body);
}

/** Removes what was said about the route before it was known that the caller must not see it. */
function hideRoute({ platform, response }: HandledRequest): void {
  for (const name of TELLING_HEADERS) platform.removeHeader(response, name);
}
