import type { IncomingMessage, ServerResponse } from 'node:http';

/** Knows whether the server is about to stop, and lets nobody think it goes on. */
export class Gate {
  #isClosing = false;

  /** From now on the server says that it is not ready; what is asked of it is answered still. */
  close(): void {
    this.#isClosing = true;
  }

  /** Answers a request itself, or leaves it to the server. */
  answers(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#isClosing) return false;
    response.setHeader('connection', 'close');
    if (request.url?.split('?')[0] !== '/api/health/ready') return false;
    response.writeHead(503, { 'content-type': 'application/json; charset=utf-8' }).end('{"status":"stopping"}');
    return true;
  }
}
