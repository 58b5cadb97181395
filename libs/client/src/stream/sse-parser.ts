import { StringDecoder } from 'node:string_decoder';

/** One event of a stream, by the WHATWG specification of server-sent events (HTML Living Standard, §9.2.6). */
export interface ServerSentEvent {
  /** `message` when the stream named none. */
  readonly event: string;
  readonly data: string;
  /** The last id seen in the stream, also by earlier events; empty = none. */
  readonly id: string;
}

/** A line longer than this is no event of this API but a runaway stream. */
const MAX_LINE = 64 * 1024 * 1024;

/** Turns the bytes of a stream into events, however they are cut. */
export class SseParser {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #started = false;
  #event = '';
  #data: string[] = [];
  #id = '';
  #retryMs: number | null = null;

  /** Milliseconds the server wants between reconnections; `null` = it did not say. */
  get retryMs(): number | null {
    return this.#retryMs;
  }

  /** @throws {RangeError} when a line grows beyond 64 MiB */
  push(chunk: Buffer): readonly ServerSentEvent[] {
    let text = this.#rest + this.#decoder.write(chunk);
    if (!this.#started && text !== '') {
      this.#started = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    const events: ServerSentEvent[] = [];
    let from = 0;
    for (;;) {
      const end = lineEnd(text, from);
      if (end === null) break;
      const event = this.#line(text.slice(from, end.at));
      if (event !== null) events.push(event);
      from = end.next;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > MAX_LINE) throw new RangeError('A line of the event stream is longer than 64 MiB');
    return events;
  }

  #line(line: string): ServerSentEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
    return null;
  }

  #dispatch(): ServerSentEvent | null {
    const data = this.#data;
    const event = this.#event === '' ? 'message' : this.#event;
    this.#data = [];
    this.#event = '';
    return data.length === 0 ? null : { event, data: data.join('\n'), id: this.#id };
  }
}

/** The next CR, LF or CRLF; a CR at the very end may be half of a CRLF, so it waits for more. */
function lineEnd(text: string, from: number): { readonly at: number; readonly next: number } | null {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) return { at, next: at + 1 };
    if (code !== 13) continue;
    if (at + 1 === text.length) return null;
    return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
  }
  return null;
}
