import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../model/time.js';
import { errorMessage, partialErrors, toError } from '../native-errors/native-error.js';
import type { AddressGuard } from './address-guard.js';
import { parseRetryAfter } from './retry-plan.js';
import { readWebhookUrl } from './read-webhook-url.js';

/** What became of one attempt. */
export interface AttemptResult {
  /** 2xx. */
  readonly ok: boolean;
  /** `null` = no answer came. */
  readonly status: number | null;
  /** What went wrong, without any secret; empty = nothing. */
  readonly error: string;
  /** ms the receiver asked to wait; `null` = it did not. */
  readonly retryAfter: number | null;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export interface SenderOptions {
  readonly guard: AddressGuard;
  readonly allowInsecure: boolean;
  /** For one attempt as a whole, in ms. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Finds all addresses of a host name. Default: as the system does. */
  readonly resolve?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

export interface OutgoingMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** More of an answer is not waited for: only its status matters. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Posts to receivers: never to an address that was not checked, never after a redirect, never longer than the timeout. Host names are
 * looked up once an attempt, and the connection goes to what was looked up, so that a second answer of the name server changes nothing.
 */
export class WebhookSender {
  // A connection an attempt: changes are rare, and a kept one may be dead by the next.
  readonly #http = new HttpAgent({ keepAlive: false });
  readonly #https = new HttpsAgent({ keepAlive: false });

  constructor(private readonly options: SenderOptions) {}

  /** Never rejects: whatever goes wrong is the result. `signal` gives up at once. */
  async post({ url, headers, body }: OutgoingMessage, signal?: AbortSignal): Promise<AttemptResult> {
    try {
      // The rules may have become stricter since the URL was stored.
      const target = new URL(readWebhookUrl(url, this.options.guard, this.options.allowInsecure));
      const answer = await this.#send(target, headers, body, signal);
      const status = answer.statusCode ?? 0;
      const ok = status >= 200 && status < 300;
      const retryAfter = ok ? null : parseRetryAfter(answer.headers['retry-after'], this.options.clock());
      return { ok, status, error: ok ? '' : problemOf(status), retryAfter };
    } catch (error) {
      return { ok: false, status: null, error: problemIn(error), retryAfter: null };
    }
  }

  /** Ends connections that still are open. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #send(target: URL, headers: OutgoingMessage['headers'], body: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const secure = target.protocol === 'https:';
    const options: RequestOptions = {
      method: 'POST',
      agent: secure ? this.#https : this.#http,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      lookup: this.#lookup,
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(target, options);
      const { timeoutMs } = this.options;
      const deadline = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      deadline.unref();
      request.on('close', () => clearTimeout(deadline));
      request.on('error', reject);
      request.on('response', (answer) => {
        let received = 0;
        answer.on('data', (chunk: Buffer) => {
          received += chunk.length;
          if (received > MAX_ANSWER_BYTES) request.destroy();
        });
        // The status is known; a body that breaks off changes nothing.
        answer.on('error', () => undefined);
        resolve(answer);
      });
      request.end(body);
    });
  }

  readonly #lookup: LookupFunction = (hostname, { all }, callback) => {
    this.#resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(new Error(`'${hostname}' has no address`), '', 0);
        else if (all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(toError(error), '', 0),
    );
  };

  async #resolve(hostname: string): Promise<readonly ResolvedAddress[]> {
    const resolve = this.options.resolve ?? systemAddresses;
    const addresses = await resolve(hostname);
    if (this.options.guard.allowsHost(hostname)) return addresses;
    for (const { address } of addresses) {
      if (!this.options.guard.allowsAddress(address))
        throw new Error(
          `'${hostname}' leads to ${address}, which is not public; list it in the option 'webhooks.allow' if that is meant`,
        );
    }
    return addresses;
  }
}

async function systemAddresses(hostname: string): Promise<readonly ResolvedAddress[]> {
  return lookup(hostname, { all: true });
}

function problemOf(status: number): string {
  return status >= 300 && status < 400
    ? `the receiver answered ${status}; redirects are not followed, give the final URL`
    : `the receiver answered ${status}`;
}

/** Connecting to several addresses fails with several errors, whose messages are inside. */
function problemIn(error: unknown): string {
  return [errorMessage(error), ...partialErrors(error).map(String)]
    .filter((part) => part !== '')
    .join('; ')
    .slice(0, 500);
}
