import type { WaygateEngine } from '@waygate/core';
import type { EventStream } from '../platform/platform.js';

/** Changes that come together are told together. */
const COALESCE_MS = 50;
const HEARTBEAT_MS = 15_000;
/** A reader that leaves more than this unread is cut off; it comes back and gets the latest state. */
const MOST_PENDING_BYTES = 256 * 1024;
/** The documentation may be public, and each open page costs memory and a connection: those beyond come back later. */
const MOST_STREAMS = 1_000;
const LATER_MS = 60_000;
/** Timers do not reach further than 24.8 days. */
const LONGEST_TIMER_MS = 3_600_000;

/** Tells open documentation pages what changed, by server-sent events. */
export class DocsStream {
  readonly #streams = new Set<EventStream>();
  #coalescing: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #edge: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param message what a page is to know now, as JSON, and epoch ms until which that stays so */
  constructor(
    engine: WaygateEngine,
    private readonly message: () => { readonly json: string; readonly until: number },
    private readonly clock: () => number,
  ) {
    engine.events.on('change', () => this.#soon());
    engine.events.on('close', () => this.#close());
  }

  add(stream: EventStream): void {
    if (this.#closed) return stream.end();
    if (this.#streams.size >= MOST_STREAMS) {
      stream.write(`retry: ${LATER_MS}\n\n`);
      return stream.end();
    }
    this.#streams.add(stream);
    stream.onClose(() => this.#remove(stream));
    stream.write(`retry: 2000\n\n${this.#event()}`);
    this.#heartbeat ??= setInterval(() => this.#send(': still here\n\n'), HEARTBEAT_MS).unref();
  }

  #soon(): void {
    if (this.#streams.size === 0 || this.#coalescing !== undefined) return;
    this.#coalescing = setTimeout(() => {
      this.#coalescing = undefined;
      this.#send(this.#event());
    }, COALESCE_MS).unref();
  }

  #event(): string {
    clearTimeout(this.#edge);
    try {
      return this.#stateNow();
    } catch (error) {
      // Nobody waits for a timer: what fails here would end the process.
      process.emitWarning(`The state of the documentation cannot be told: ${String(error)}`, 'WaygateWarning');
      return '';
    }
  }

  #stateNow(): string {
    const { json, until } = this.message();
    if (until !== Infinity) {
      const wait = Math.min(LONGEST_TIMER_MS, Math.max(10, until - this.clock()));
      this.#edge = setTimeout(() => this.#send(this.#event()), wait).unref();
    }
    return `event: state\ndata: ${json}\n\n`;
  }

  #send(text: string): void {
    for (const stream of this.#streams) {
      if (stream.pending > MOST_PENDING_BYTES) {
        this.#remove(stream);
        stream.end();
      } else stream.write(text);
    }
  }

  #remove(stream: EventStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#edge);
    this.#heartbeat = undefined;
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#coalescing);
    for (const stream of this.#streams) {
      this.#remove(stream);
      stream.end();
    }
  }
}
