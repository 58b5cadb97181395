import type { ServerResponse } from 'node:http';

/** A reader that leaves more than this unread is cut off; it comes back and gets what holds by then. */
const MOST_PENDING_BYTES = 256 * 1024;

/** One open stream. */
export class StreamClient {
  /** @param isWelcome whether whoever opened it still may read it */
  constructor(
    private readonly response: ServerResponse,
    readonly isWelcome: () => boolean,
  ) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
  }

  send(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.response.writableLength > MOST_PENDING_BYTES) this.abort();
    else this.response.write(bytes);
  }

  /** Breaks off instead of ending: clients of the wire contract come back without a pause after a clean end. */
  abort(): void {
    this.response.destroy();
  }

  onClose(listener: () => void): void {
    this.response.once('close', listener);
  }
}
