import { errorMessage } from '@waygate/core/native-errors';
import { ownClientFor, type RedisClient, type RedisConnection } from '../connection/connection.js';
import { within } from '../connection/within.js';

/** Redis was not asked: there is no connection, and there was none in time. */
export class NotConnectedError extends Error {}

/** Redis was asked, and did not answer in time. */
export class NoAnswerError extends Error {}

/** Delay before a connection is tried again: up to a second, as operators who wait for it would. */
const reconnectDelay = (attempt: number): number => Math.min(1_000, 50 * 2 ** Math.min(attempt, 5)) * (0.5 + Math.random() / 2);

/** A connection of our own on which every wait has an end. It reconnects by itself until it is closed. */
export class BoundedClient {
  readonly #client: RedisClient;
  #lastError: string | null = null;
  /** Who waits for a connection. One listener tells them all: emitters warn of many. */
  readonly #waiting = new Set<() => void>();

  /** @param silenceMs a socket on which an answer is missing for so long is given up */
  constructor(connection: RedisConnection, { silenceMs }: { readonly silenceMs: number }) {
    this.#client = ownClientFor(connection, {
      // Each call has its own bound, see `ask`.
      commandTimeout: 60_000,
      socketTimeout: silenceMs,
      retryStrategy: reconnectDelay,
    });
    this.#client.on('error', (error: Error) => (this.#lastError = error.message));
    this.#client.on('ready', () => {
      this.#lastError = null;
      for (const resolve of this.#waiting) resolve();
    });
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  /**
   * Waits until it is connected.
   * @throws {NotConnectedError} when it is not in time; the first time at once when Redis refuses
   */
  async connect(withinMs: number): Promise<void> {
    if (this.isReady) return;
    const isFirst = this.#client.status === 'wait';
    const late = (): Error => new NotConnectedError(this.#lastError ?? `no connection within ${Math.round(withinMs)} ms`);
    let onReady: (() => void) | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      this.#waiting.add((onReady = resolve));
      // A Cluster may never settle this promise and be ready nevertheless, at its second attempt.
      if (isFirst)
        this.#client
          .connect()
          .catch((error: unknown) => reject(new NotConnectedError(this.#lastError ?? errorMessage(error), { cause: error })));
    });
    try {
      await within(ready, withinMs, late);
    } finally {
      if (onReady !== undefined) this.#waiting.delete(onReady);
    }
  }

  /**
   * Asks Redis something.
   * @throws {NotConnectedError | NoAnswerError} or what Redis or the client says
   */
  async ask<T>(send: (client: RedisClient) => Promise<T>, withinMs: number): Promise<T> {
    if (!this.isReady) throw new NotConnectedError(this.#lastError ?? 'there is no connection');
    const answer = send(this.#client).catch((error: unknown) => {
      // What ioredis says when it has nothing to write to.
      if (errorMessage(error).includes('enableOfflineQueue'))
        throw new NotConnectedError('the connection was lost', { cause: error });
      throw error;
    });
    return within(answer, withinMs, () => new NoAnswerError(`no answer within ${Math.round(withinMs)} ms`));
  }

  /** Leaves the connection for a new one: what comes on it is not waited for any more. */
  reconnect(): void {
    if (this.isReady) this.#client.disconnect(true);
  }

  close(): void {
    this.#client.disconnect();
  }
}
