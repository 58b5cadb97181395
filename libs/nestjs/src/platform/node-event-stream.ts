import type { ServerResponse } from 'node:http';
import type { EventStream } from './platform.js';

/** Server-sent events over a plain Node response. */
export class NodeEventStream implements EventStream {
  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
  }

  get pending(): number {
    return this.response.writableLength;
  }

  write(text: string): void {
    if (!this.response.writableEnded) this.response.write(text);
  }

  end(): void {
    this.response.end();
  }

  onClose(listener: () => void): void {
    this.response.once('close', listener);
  }
}
