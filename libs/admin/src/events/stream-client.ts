import type { IncomingMessage, ServerResponse } from 'node:http';

/** A reader that leaves more than this unread is cut off; it comes back and gets what holds by then. */
const MOST_PENDING_BYTES = 256 * 1024;

/** Whole events, encoded once for everybody who gets them. */
export class StreamBytes {
  #chunk: Buffer | undefined;

  constructor(readonly plain: Buffer) {}

  /** As a chunk of HTTP/1.1 (RFC 9112, §7.1), its frame included. */
  get chunk(): Buffer {
    return (this.#chunk ??= Buffer.concat([
      Buffer.from(`${this.plain.length.toString(16)}\r\n`),
      this.plain,
      Buffer.from('\r\n'),
    ]));
  }
}

/** One open stream. */
export class StreamClient {
  /** Every write of a response makes its own frame; where frames are HTTP/1.1 chunks, one made once goes to every socket as it is. */
  readonly #framed: boolean;

  /**
   * @param number counts streams, so that work for them can be shared out
   * @param isWelcome whether whoever opened it still may read it
   */
  constructor(
    readonly number: number,
    request: IncomingMessage,
    private readonly response: ServerResponse,
    readonly isWelcome: () => boolean,
  ) {
    this.#framed = request.httpVersion === '1.1';
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...(this.#framed ? { 'transfer-encoding': 'chunked' } : {}),
    });
    response.flushHeaders();
    forgetRoute(request, response);
  }

  send(bytes: StreamBytes): void {
    if (bytes.plain.length === 0) return;
    const { socket } = this.response;
    // A pipelined response has no socket before those ahead of it are done.
    if (socket === null || !this.#framed) {
      if (this.response.writableLength > MOST_PENDING_BYTES) this.abort();
      else this.response.write(bytes.plain);
    } else if (socket.writableLength > MOST_PENDING_BYTES) this.abort();
    else socket.write(bytes.chunk);
  }

  /** Breaks off instead of ending: clients of the wire contract come back without a pause after a clean end. */
  abort(): void {
    this.response.destroy();
  }

  onClose(listener: () => void): void {
    this.response.on('close', listener);
  }
}

/** An open stream is answered already; what Express keeps for finding the next handler would live as long as it does. */
function forgetRoute(
  request: IncomingMessage & { next?: unknown; route?: unknown },
  response: ServerResponse & { locals?: unknown },
): void {
  request.next = undefined;
  request.route = undefined;
  response.locals = undefined;
}
