import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Epoch ms. */
  readonly at: number;
}

/** A webhook receiver on a free port that remembers what it got. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;

  private constructor(answer: (response: ServerResponse, request: Received, count: number) => void) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const received = { path: request.url ?? '', headers: request.headers, body, at: Date.now() };
        this.received.push(received);
        answer(response, received, this.received.length);
      });
    });
  }

  /** @param answer by default 204; `count` = how many requests came so far, this one included */
  static async start(
    answer: (response: ServerResponse, request: Received, count: number) => void = (response) => response.writeHead(204).end(),
  ): Promise<Receiver> {
    const receiver = new Receiver(answer);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** The `webhook-id` of every request, in the order they came. */
  get ids(): readonly string[] {
    return this.received.map(({ headers }) => String(headers['webhook-id']));
  }

  /** The bodies, as JSON. */
  get events(): readonly Record<string, unknown>[] {
    return this.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
