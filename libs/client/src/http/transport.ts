import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { errorCode, errorMessage, partialErrors } from '@waygate/core/native-errors';
import { TimeoutError, TlsError, UnreachableError, type NoAnswerError } from './errors.js';
import { proxyAuthorization, proxyFor } from './proxy.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
  /** Milliseconds until the answer must be complete; for a stream, until its headers must be there. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TransportOptions {
  /** PEM certificates trusted beside those of the system. */
  readonly ca?: string;
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are read from; `false` = never use a proxy. Default `process.env`. */
  readonly proxy?: Readonly<Record<string, string | undefined>> | false;
}

/** No answer of this API comes near; a bound on what a wrong address can make us hold. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/**
 * One HTTP request at a time over `node:http`, or `node:https` when a URL asks for it: that module is loaded only then, since it takes
 * longer to start than the request does. Redirects are not followed, so that a token never travels to another host.
 */
export class Transport {
  readonly #ca: string | undefined;
  readonly #proxy: Readonly<Record<string, string | undefined>> | false;
  readonly #agent = new Agent({ keepAlive: true });
  #secureAgent: Agent | undefined;

  constructor({ ca, proxy = process.env }: TransportOptions = {}) {
    this.#ca = ca;
    this.#proxy = proxy;
  }

  /** @throws {UnreachableError | TlsError | TimeoutError} */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const timeout = deadline(request);
    try {
      const response = await this.#open(request, timeout.signal);
      return { status: response.statusCode ?? 0, headers: headersOf(response), body: await bodyOf(response) };
    } catch (error) {
      throw noAnswer(error, request, timeout.expired());
    } finally {
      timeout.end();
    }
  }

  /**
   * Like {@link send}, but hands the body over as it comes. Ending the iteration closes the connection.
   * @throws {UnreachableError | TlsError | TimeoutError}
   */
  async stream(
    request: HttpRequest,
  ): Promise<{ readonly answer: Omit<HttpAnswer, 'body'>; readonly body: AsyncIterable<Buffer> }> {
    const timeout = deadline(request);
    try {
      const response = await this.#open(request, timeout.signal);
      timeout.lift();
      return { answer: { status: response.statusCode ?? 0, headers: headersOf(response) }, body: response };
    } catch (error) {
      timeout.end();
      throw noAnswer(error, request, timeout.expired());
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
    this.#secureAgent?.destroy();
  }

  async #open(request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, method, headers, body } = request;
    const proxy = this.#proxy === false ? null : proxyFor(url, this.#proxy);
    const options: RequestOptions = { method, headers: { ...headers }, signal, ...addressOf(url) };
    if (url.protocol === 'https:') {
      const { request: httpsRequest } = https();
      const socket = proxy === null ? undefined : await this.#tunnel(proxy, url, signal);
      return exchange(
        httpsRequest({
          ...options,
          ...(socket === undefined ? { agent: this.#secure() } : { socket, agent: false, ca: trusted(this.#ca) }),
        }),
        body,
      );
    }
    if (proxy === null) return exchange(httpRequest({ ...options, agent: this.#agent }), body);
    const viaProxy = { ...addressOf(proxy), path: url.href, agent: this.#agent };
    const proxied = { ...options, ...viaProxy, headers: { ...headers, Host: url.host, ...proxyAuthorization(proxy) } };
    return exchange(httpRequest(proxied), body);
  }

  #secure(): Agent {
    return (this.#secureAgent ??= new (https().Agent)({ keepAlive: true, ca: trusted(this.#ca) }));
  }

  /** A connection through the proxy's `CONNECT` (RFC 9110, §9.3.6). */
  #tunnel(proxy: URL, target: URL, signal: AbortSignal): Promise<Socket> {
    const authority = `${target.hostname}:${target.port === '' ? '443' : target.port}`;
    const headers = { Host: authority, ...proxyAuthorization(proxy) };
    return new Promise((resolve, reject) => {
      const connecting = httpRequest({ ...addressOf(proxy), method: 'CONNECT', path: authority, headers, signal, agent: false });
      connecting.on('connect', (answer, socket) => {
        if (answer.statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode} to CONNECT`));
      });
      connecting.on('error', reject);
      connecting.end();
    });
  }
}

/** Loaded by `require`, because Jest cannot run `import()`. */
function https(): typeof import('node:https') {
  return require('node:https');
}

/** A CA given replaces the built-in ones in `node:tls`; here it is meant to add to them. */
function trusted(ca: string | undefined): string[] | undefined {
  if (ca === undefined) return undefined;
  const { rootCertificates }: typeof import('node:tls') = require('node:tls');
  return [...rootCertificates, ca];
}

function addressOf(url: URL): RequestOptions {
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { hostname, port: url.port === '' ? undefined : url.port, path: url.pathname + url.search };
}

function exchange(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** By events: to iterate over the response would load more of Node than the request needs. */
function bodyOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_BODY_BYTES) response.destroy(new Error('the answer is larger than 256 MiB'));
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', reject);
    response.on('aborted', () => reject(new Error('the connection was cut')));
  });
}

/** Aborts when the caller does, or when the time is over. Once lifted, only the caller's signal counts; once ended, nothing does. */
function deadline({ timeoutMs, signal }: HttpRequest) {
  const controller = new AbortController();
  let expired = false;
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) forward();
  signal?.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, timeoutMs);
  return {
    signal: controller.signal,
    expired: () => expired,
    lift: () => clearTimeout(timer),
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', forward);
    },
  };
}

function headersOf(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
]);
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|EPROTO$|ERR_OSSL_|HOSTNAME_MISMATCH$|INVALID_CA$)/;

function noAnswer(error: unknown, { url, timeoutMs, signal }: HttpRequest, expired: boolean): unknown {
  if (signal?.aborted === true) return signal.reason;
  const { origin } = url;
  if (expired) {
    const message = `${origin} did not answer within ${timeoutMs / 1000} s. Whether it did what it was asked is not known.`;
    return new TimeoutError(origin, message, false, { cause: error });
  }
  return networkError(error, origin);
}

function networkError(error: unknown, origin: string): NoAnswerError {
  const { code, message } = describe(error);
  if (TLS_CODE.test(code)) {
    const hint = code.includes('SELF_SIGNED') || code.startsWith('UNABLE_TO_') ? ' Give its certificate authority (`ca`).' : '';
    return new TlsError(origin, `The certificate or TLS of ${origin} is not accepted: ${message} (${code}).${hint}`, true, {
      cause: error,
    });
  }
  return new UnreachableError(origin, `Cannot reach ${origin}: ${reasonOf(code, message)}.`, NEVER_SENT.has(code), {
    cause: error,
  });
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  // Happy eyeballs reports one error per address tried.
  const [first = error] = partialErrors(error);
  return { code: errorCode(error) ?? '', message: errorMessage(first) };
}

function reasonOf(code: string, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (connection refused)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is not known';
    case 'ECONNRESET':
      return 'the connection was cut';
    default:
      return message;
  }
}
