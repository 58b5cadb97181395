import { BackendUnavailableError } from '@waygate/core';
import {
  ApiError,
  ForbiddenError,
  NoAnswerError,
  RateLimitedError,
  ServerError,
  UnauthorizedError,
  WaygateClientError,
} from '../http/errors.js';
import { Api, type CallOptions } from '../http/api.js';

export interface ServerConnectionOptions {
  readonly url: string;
  readonly appId?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM certificates trusted beside those of the system. */
  readonly ca?: string;
}

/** After being refused, so long nothing is asked, in ms. */
const REFUSED_PAUSE_MS = 31_000;
/** Until an answer is complete, or a stream's headers are there, in ms. */
const TIMEOUT_MS = 5_000;

/**
 * Requests to the server, signed in. A token that does not hold any more is replaced once; a refusal that remains stops all requests for a
 * while, so that a wrong password never becomes a flood.
 */
export class ServerConnection {
  readonly url: string;
  readonly #api: Api;
  #token: string | null;
  #signingIn: Promise<void> | undefined;
  #refusal: { readonly until: number; readonly reason: string } | undefined;

  /** @throws {ClientConfigurationError} for a URL that is none */
  constructor(private readonly options: ServerConnectionOptions) {
    const { url, appId, ca, token } = options;
    this.#token = token ?? null;
    this.#api = new Api({
      baseUrl: url,
      token: () => this.#token,
      timeoutMs: TIMEOUT_MS,
      retry: { retries: 0 },
      userAgent: 'waygate-server-backend',
      ...(appId === undefined ? {} : { appId, platform: 'sdk' }),
      ...(ca === undefined ? {} : { ca }),
    });
    this.url = this.#api.baseUrl;
  }

  /**
   * @throws {BackendUnavailableError} when there is no answer, or nobody is let in
   * @throws {ApiError} for every other refusal
   */
  call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    return this.#signedIn(() => this.#api.call<T>(method, path, options));
  }

  /** Like {@link call}; the bytes of a stream. */
  stream(path: string, options: CallOptions): Promise<AsyncIterable<Buffer>> {
    return this.#signedIn(() => this.#api.stream(path, options));
  }

  close(): void {
    this.#api.close();
  }

  async #signedIn<T>(request: () => Promise<T>): Promise<T> {
    this.#checkRefusal();
    try {
      if (this.#token === null) await this.#signIn();
      const token = this.#token;
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof UnauthorizedError) || this.options.username === undefined) throw error;
        // Of several requests that meet the same expired token, one signs in.
        if (this.#token === token) this.#token = null;
        await this.#signIn();
        return await request();
      }
    } catch (error) {
      throw this.#translated(error);
    }
  }

  #checkRefusal(): void {
    if (this.#refusal === undefined) return;
    const wait = this.#refusal.until - performance.now();
    if (wait > 0)
      throw new BackendUnavailableError(`${this.#refusal.reason}. It is asked again in ${Math.ceil(wait / 1_000)} s.`);
    this.#refusal = undefined;
  }

  async #signIn(): Promise<void> {
    if (this.#token !== null) return;
    this.#signingIn ??= this.#login().finally(() => (this.#signingIn = undefined));
    await this.#signingIn;
  }

  async #login(): Promise<void> {
    const { appId, username, password } = this.options;
    if (username === undefined) return;
    try {
      const body = { username, password, ...(appId === undefined ? {} : { platform: 'sdk' }) };
      this.#token = (await this.#api.post<{ token: string }>('/api/auth/login', body)).token;
    } catch (error) {
      // The server asks nobody who they are.
      if (error instanceof ApiError && error.status === 501) return;
      // Without the cause: it tells what became of this request, and not of the one that was to follow.
      throw error instanceof NoAnswerError || error instanceof ServerError ? new BackendUnavailableError(error.message) : error;
    }
  }

  #translated(error: unknown): unknown {
    if (error instanceof UnauthorizedError) {
      const reason = `${this.url} does not let this process in: ${error.message}`;
      this.#refusal = { until: performance.now() + REFUSED_PAUSE_MS, reason };
      return new BackendUnavailableError(reason, { cause: error });
    }
    const isTransient = error instanceof ServerError || error instanceof RateLimitedError || !(error instanceof ApiError);
    return error instanceof WaygateClientError && isTransient
      ? new BackendUnavailableError(error.message, { cause: error })
      : error;
  }

  /** What is needed to go on at all is forbidden: asking again soon would not change that. */
  forbidden(error: ForbiddenError): BackendUnavailableError {
    const reason = `${this.url} does not let this process read the state: ${error.message}`;
    this.#refusal = { until: performance.now() + REFUSED_PAUSE_MS, reason };
    return new BackendUnavailableError(reason, { cause: error });
  }
}
