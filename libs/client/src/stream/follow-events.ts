import { toError } from '@waygate/core/native-errors';
import { NoAnswerError, NotJsonError, RateLimitedError, ServerError, TimeoutError, WaygateClientError } from '../http/errors.js';
import type { Api, Query } from '../http/api.js';
import { SseParser, type ServerSentEvent } from './sse-parser.js';

export interface StreamOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** Resumes after this event, if the server still has what came since. */
  readonly lastEventId?: string;
  /**
   * Milliseconds of silence, keep-alive comments included, after which the connection counts as dead. Default 30 000: the server is never
   * silent for longer than 15 s.
   */
  readonly silenceMs?: number;
  /** Milliseconds before the first reconnection, doubled up to `maxDelayMs`; a random part of it is waited. Default 500. */
  readonly minDelayMs?: number;
  /** Default 30 000. */
  readonly maxDelayMs?: number;
  /** Called when the connection stands, and when it is lost and will be tried again. */
  readonly onState?: (state: StreamState) => void;
}

export type StreamState =
  | { readonly state: 'open' }
  /** What came meanwhile is missed unless the server resumes from the last id: load again. */
  | { readonly state: 'lost'; readonly error: Error; readonly retryInMs: number };

/**
 * Follows a stream of server-sent events for as long as it is iterated, reconnecting with a growing random delay. Ends when the signal
 * aborts; throws what reconnecting cannot mend: 401, 403, 404, a certificate that is not trusted.
 */
export async function* followEvents(
  api: Api,
  path: string,
  query: Query,
  options: StreamOptions = {},
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { signal, minDelayMs = 500, maxDelayMs = 30_000, onState } = options;
  let lastEventId = options.lastEventId ?? '';
  let failures = 0;
  let askedDelayMs: number | null = null;
  while (!aborted(signal)) {
    const connection = new AbortController();
    const stop = () => connection.abort();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const parser = new SseParser();
      const headers = { Accept: 'text/event-stream', ...(lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }) };
      const body = await api.stream(path, { query, headers, signal: connection.signal });
      onState?.({ state: 'open' });
      for await (const chunk of withWatchdog(body, options.silenceMs ?? 30_000, connection, api.baseUrl)) {
        failures = 0;
        for (const event of parser.push(chunk)) {
          lastEventId = event.id;
          yield event;
        }
        askedDelayMs = parser.retryMs;
      }
      throw new Error('the server ended the stream');
    } catch (error) {
      if (aborted(signal)) return;
      if (isFinal(error)) throw error;
      const retryInMs = delay(failures, Math.max(minDelayMs, askedDelayMs ?? 0), maxDelayMs, error);
      failures += 1;
      onState?.({ state: 'lost', error: toError(error), retryInMs });
      await sleep(retryInMs, signal);
    } finally {
      signal?.removeEventListener('abort', stop);
      connection.abort();
    }
  }
}

async function* withWatchdog(body: AsyncIterable<Buffer>, silenceMs: number, connection: AbortController, url: string) {
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    connection.abort();
  }, silenceMs);
  try {
    for await (const chunk of body) {
      timer.refresh();
      yield chunk;
    }
  } catch (error) {
    throw silent ? new TimeoutError(url, `${url} was silent for ${silenceMs / 1000} s`, false, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Whether trying again would meet the same answer. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof WaygateClientError)) return false;
  return !(
    (error instanceof NoAnswerError && error.code !== 'TLS') ||
    error instanceof ServerError ||
    error instanceof RateLimitedError ||
    // A proxy's page in front of a server that restarts.
    (error instanceof NotJsonError && error.status >= 500)
  );
}

function delay(failures: number, minMs: number, maxMs: number, error: unknown): number {
  if (error instanceof RateLimitedError && error.retryAfter !== null) return Math.min(maxMs, error.retryAfter * 1000);
  const ceiling = Math.min(maxMs, minMs * 2 ** failures);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
