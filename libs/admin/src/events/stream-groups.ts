import type { IncomingMessage, ServerResponse } from 'node:http';
import { StreamBytes, StreamClient } from './stream-client.js';

/** Readers give up after 30 s of silence at the earliest (wire contract, §7). Each second has its share of them: thousands at once would hold up the rest. */
export const KEEPALIVE_SECONDS = 12;
const KEEPALIVE = new StreamBytes(Buffer.from(': keepalive\n\n'));

/** Open streams that are told the same. */
export class StreamGroup {
  readonly clients = new Set<StreamClient>();

  /** What a reader gets that was told nothing for a while. */
  signOfLife(): StreamBytes {
    return KEEPALIVE;
  }

  send(bytes: StreamBytes): void {
    for (const client of this.clients) client.send(bytes);
  }
}

/** Who reads a stream. */
export interface StreamReader {
  /** Asked again when tokens change, and with each sign of life. */
  readonly isWelcome: () => boolean;
  /** Called when the stream ends. */
  readonly leave?: () => void;
}

/** Open streams by what they are told. Keeps them alive, and breaks off those whose reader may not read them any more. */
export class StreamGroups<Group extends StreamGroup> {
  readonly #groups = new Map<string, Group>();
  #keepalive: NodeJS.Timeout | undefined;
  #seconds = 0;
  #opened = 0;
  #closed = false;

  /** Those with streams. */
  [Symbol.iterator](): Iterator<Group> {
    return this.#groups.values();
  }

  /** @returns `undefined` = it has no stream */
  find(key: string): Group | undefined {
    return this.#groups.get(key);
  }

  /** How many streams are open. */
  get size(): number {
    let size = 0;
    for (const { clients } of this.#groups.values()) size += clients.size;
    return size;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Opens a stream.
   * @param key names its group
   * @param make the group, when this is its first stream
   * @returns `null` when there are no streams any more; the response is then broken off
   */
  open(
    request: IncomingMessage,
    response: ServerResponse,
    key: string,
    make: () => Group,
    { isWelcome, leave }: StreamReader,
  ): { readonly client: StreamClient; readonly group: Group } | null {
    if (this.#closed || response.destroyed) {
      response.destroy();
      leave?.();
      return null;
    }
    const client = new StreamClient(this.#opened++, request, response, isWelcome);
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = make()));
    const { clients } = group;
    clients.add(client);
    client.onClose(() => {
      leave?.();
      clients.delete(client);
      if (clients.size === 0) this.#forget(key);
    });
    this.#keepalive ??= setInterval(() => this.#keepAlive(), 1_000).unref();
    return { client, group };
  }

  /** Breaks off the streams of those who may not read them any more. */
  dismiss(): void {
    for (const { clients } of this.#groups.values()) for (const client of clients) if (!client.isWelcome()) client.abort();
  }

  /** Breaks off all streams; whoever reads them comes back. */
  abort(): void {
    for (const { clients } of this.#groups.values()) for (const client of clients) client.abort();
  }

  /** Breaks off all streams, for good. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#keepalive);
    this.abort();
  }

  #forget(key: string): void {
    this.#groups.delete(key);
    if (this.#groups.size > 0) return;
    clearInterval(this.#keepalive);
    this.#keepalive = undefined;
  }

  /** Writes to those whose second it is, as far as they still may read. */
  #keepAlive(): void {
    const turn = this.#seconds++ % KEEPALIVE_SECONDS;
    for (const group of this.#groups.values()) {
      const bytes = group.signOfLife();
      for (const client of group.clients) {
        if (client.number % KEEPALIVE_SECONDS !== turn) continue;
        if (client.isWelcome()) client.send(bytes);
        else client.abort();
      }
    }
  }
}
