import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type Unsubscribe } from '@waygate/core';
import { StreamBytes, StreamGroup, StreamGroups } from '../admin/surface.js';

/** Changes within this time are told together. */
const GATHER_MS = 60;
/** Refused requests are told at most this often: there may be thousands a second. */
const BLOCKED_MS = 2_000;
/** Browsers come back after this. */
const RETRY_MS = 1_000;

/**
 * Streams for open pages. They say that something changed and what kind of thing, never what it is: pages fetch that as their viewer may
 * see it. So the same few bytes go to everybody.
 */
@Injectable()
export class LiveStreams implements OnModuleInit, OnModuleDestroy {
  readonly #pages = new StreamGroups<StreamGroup>();
  readonly #unsubscribe: Unsubscribe[] = [];
  readonly #kinds = new Set<string>();
  #gathering: NodeJS.Timeout | undefined;
  #blocked: NodeJS.Timeout | undefined;

  constructor(private readonly engine: WaygateEngine) {}

  onModuleInit(): void {
    const { events } = this.engine;
    this.#unsubscribe.push(
      events.on('change', ({ changes }) => this.#changed(changes.map(({ after }) => after.kind))),
      events.on('health', () => this.#changed(['health'])),
      events.on('blocked', () => this.#refused()),
      events.on('close', () => this.#end()),
    );
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#end();
  }

  /** How many pages follow. */
  get size(): number {
    return this.#pages.size;
  }

  /** @param isWelcome asked again now and then */
  open(request: IncomingMessage, response: ServerResponse, isWelcome: () => boolean): void {
    const opened = this.#pages.open(request, response, '', () => new StreamGroup(), { isWelcome });
    opened?.client.send(bytesOf(`retry: ${RETRY_MS}\n${this.#message('hello', [])}`));
  }

  #changed(kinds: readonly string[]): void {
    if (this.#pages.size === 0) return;
    for (const kind of kinds) this.#kinds.add(kind);
    this.#gathering ??= setTimeout(() => this.#tell(), GATHER_MS).unref();
  }

  #refused(): void {
    if (this.#pages.size === 0 || this.#blocked !== undefined) return;
    this.#blocked = setTimeout(() => {
      this.#blocked = undefined;
      this.#changed(['hit']);
    }, BLOCKED_MS).unref();
  }

  #tell(): void {
    this.#gathering = undefined;
    const kinds = [...this.#kinds];
    this.#kinds.clear();
    if (kinds.includes('token') || kinds.includes('revocation')) this.#pages.dismiss();
    const bytes = bytesOf(this.#message('change', kinds));
    for (const page of this.#pages) page.send(bytes);
  }

  #message(event: string, kinds: readonly string[]): string {
    const { revision, health } = this.engine;
    return `event: ${event}\ndata: ${JSON.stringify({ revision, health: health.status, kinds })}\n\n`;
  }

  #end(): void {
    clearTimeout(this.#gathering);
    clearTimeout(this.#blocked);
    this.#pages.close();
  }
}

function bytesOf(text: string): StreamBytes {
  return new StreamBytes(Buffer.from(text));
}
