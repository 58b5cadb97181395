import { ClientConfigurationError, NotJsonError } from './errors.js';
import { errorOf } from './error-of.js';
import { DEFAULT_RETRY, retryDelay, type RetryPolicy } from './retry.js';
import { Transport, type HttpAnswer, type HttpRequest, type TransportOptions } from './transport.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ApiOptions extends TransportOptions {
  /** Where Waygate is mounted, prefix included, e.g. `https://shop.example/waygate`. */
  readonly baseUrl: string;
  /** Sent as `X-Waygate-Token`; a function is asked before every request. */
  readonly token?: string | null | (() => string | null);
  /** Sent as `X-Waygate-App-Id`: answers and events are narrowed to this service. */
  readonly appId?: string;
  /** Sent as `X-Waygate-Platform`, e.g. `cli`. */
  readonly platform?: string;
  /**
   * What the server does with a service, path, or key that it does not know. `strict`: it refuses and suggests the nearest names.
   * `lenient`: it accepts the name, and its answer has `warnings`. Sent as `Prefer: handling=…` (RFC 7240, section 4.4).
   * Default of `WaygateClient`: `strict`.
   */
  readonly handling?: 'strict' | 'lenient';
  /** Milliseconds until an answer must be complete. Default 30 000. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Sent as `User-Agent`. Default `waygate-client`. */
  readonly userAgent?: string;
  /** Called for each answer, errors included, e.g. to read its `Date` header. */
  readonly onAnswer?: (answer: Omit<HttpAnswer, 'body'>) => void;
}

export interface JsonAnswer<T> {
  readonly value: T;
  readonly headers: Readonly<Record<string, string>>;
}

/** Calls of the admin API: headers, JSON, errors and repetitions. What the resources are made of. */
export class Api {
  readonly baseUrl: string;
  readonly #transport: Transport;
  readonly #retry: RetryPolicy;
  readonly #timeoutMs: number;

  /** @throws {ClientConfigurationError} for a base URL that is none */
  constructor(private readonly options: ApiOptions) {
    this.baseUrl = checkBaseUrl(options.baseUrl);
    this.#transport = new Transport(options);
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.call('GET', path, { query });
  }

  post<T>(path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
    return this.call('POST', path, { body, ...options });
  }

  /** @throws {WaygateClientError} */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    return (await this.exchange<T>(method, path, options)).value;
  }

  /** Like {@link call}, with the headers of the answer. */
  async exchange<T>(method: string, path: string, options: CallOptions = {}): Promise<JsonAnswer<T>> {
    const request = this.#request(method, path, options);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once<T>(request);
      } catch (error) {
        const delay = retryDelay(error, method, attempt, this.#retry);
        if (delay === null) throw error;
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }

  /**
   * Opens a stream of bytes; an error answer is thrown as such.
   * @param options `type`: the content type that is asked for. Default that of server-sent events.
   */
  async stream(path: string, options: CallOptions & { readonly type?: string } = {}): Promise<AsyncIterable<Buffer>> {
    const { type = 'text/event-stream' } = options;
    const request = this.#request('GET', path, options);
    const { answer, body } = await this.#transport.stream(request);
    this.options.onAnswer?.(answer);
    if (answer.status === 200 && answer.headers['content-type']?.startsWith(type) === true) return body;
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    if (answer.status >= 400) throw errorOf({ ...answer, body: text });
    throw new NotJsonError(request.url.href, answer.status, answer.headers['content-type'] ?? '');
  }

  close(): void {
    this.#transport.close();
  }

  async #once<T>(request: HttpRequest): Promise<JsonAnswer<T>> {
    const answer = await this.#transport.send(request);
    this.options.onAnswer?.(answer);
    if (answer.status >= 400) throw errorOf(answer);
    const { headers, status } = answer;
    try {
      // Not modified is asked for; any other of its kind leads away.
      if (status >= 300 && status !== 304) throw new SyntaxError('a redirect');
      const empty = answer.body === '' && (status === 204 || status === 304);
      return { value: JSON.parse(empty ? 'null' : answer.body) as T, headers };
    } catch {
      throw new NotJsonError(request.url.href, status, headers['content-type'] ?? '');
    }
  }

  #request(method: string, path: string, { query = {}, body, headers, signal }: CallOptions): HttpRequest {
    const url = new URL(this.baseUrl + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const text = body === undefined ? undefined : JSON.stringify(body);
    return {
      method,
      url,
      headers: { ...this.#headers(), ...contentHeaders(method, text), ...headers },
      ...(text === undefined ? {} : { body: text }),
      timeoutMs: this.#timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    };
  }

  #headers(): Record<string, string> {
    const { token, appId, platform, handling, userAgent = 'waygate-client' } = this.options;
    const secret = typeof token === 'function' ? token() : token;
    return {
      Accept: 'application/json',
      'User-Agent': userAgent,
      ...(secret ? { 'X-Waygate-Token': secret } : {}),
      ...(appId === undefined ? {} : { 'X-Waygate-App-Id': appId }),
      ...(platform === undefined ? {} : { 'X-Waygate-Platform': platform }),
      ...(handling === undefined ? {} : { Prefer: `handling=${handling}` }),
    };
  }
}

function contentHeaders(method: string, text: string | undefined): Record<string, string> {
  if (text === undefined) return method === 'GET' ? {} : { 'Content-Length': '0' };
  return { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) };
}

function checkBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new ClientConfigurationError(`'${text}' is no address of a server: give one such as http://localhost:8000/waygate`);
  if (url.username !== '') throw new ClientConfigurationError('The server URL must not hold a user name: sign in instead');
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
