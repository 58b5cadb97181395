import { BackendUnavailableError } from '@waygate/core';
import { errorCode } from '@waygate/core/native-errors';
import { SseParser, type ServerSentEvent } from '../stream/sse-parser.js';

export interface FollowedStreamOptions {
  /** Opens the stream anew. */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Buffer>>;
  /** What it says; throws for what makes no sense. */
  readonly onEvent: (event: ServerSentEvent) => void;
  readonly signal: AbortSignal;
}

/** The longest silence before the server said how often it gives a sign of life, in ms: 2.5 times the 12 s of this and the 15 s of others. */
const DEFAULT_SILENCE_MS = 37_500;
/** A server says something at once, in ms. */
export const FIRST_WORD_MS = 5_000;

/** One connection to a stream, followed until it ends, fails, or falls silent. */
export class FollowedStream {
  #timer: NodeJS.Timeout | undefined;
  #silenceMs: number;
  readonly #connection = new AbortController();

  constructor(
    private readonly options: FollowedStreamOptions,
    firstWordMs = DEFAULT_SILENCE_MS,
  ) {
    this.#silenceMs = firstWordMs;
  }

  /** From now on, so long a silence means that the connection is dead. */
  expectEvery(heartbeatMs: number): void {
    this.#silenceMs = heartbeatMs * 2.5;
    this.#listen();
  }

  /** @throws always: the stream is over, and why */
  async follow(): Promise<never> {
    const { signal, open, onEvent } = this.options;
    const stop = () => this.#connection.abort(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const body = await open(this.#connection.signal);
      const parser = new SseParser();
      this.#listen();
      for await (const chunk of body) {
        this.#timer?.refresh();
        for (const event of parser.push(chunk)) onEvent(event);
      }
      throw new BackendUnavailableError('the server ended the stream');
    } catch (error) {
      if (this.#connection.signal.aborted) throw this.#connection.signal.reason;
      throw isBrokenOff(error) ? new BackendUnavailableError('the server broke the stream off', { cause: error }) : error;
    } finally {
      clearTimeout(this.#timer);
      signal.removeEventListener('abort', stop);
      this.#connection.abort();
    }
  }

  #listen(): void {
    clearTimeout(this.#timer);
    const silent = () =>
      this.#connection.abort(new BackendUnavailableError(`the stream was silent for ${this.#silenceMs / 1_000} s`));
    this.#timer = setTimeout(silent, this.#silenceMs);
    this.#timer.unref();
  }
}

/** Node says only `aborted`. */
function isBrokenOff(error: unknown): boolean {
  return errorCode(error) === 'ECONNRESET';
}
