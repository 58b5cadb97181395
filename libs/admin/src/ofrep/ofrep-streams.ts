import { randomInt } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, Optional, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type FlagClient, type Unsubscribe } from '@waygate/core';
import { StreamBytes } from '../events/stream-client.js';
import { StreamGroup, StreamGroups } from '../events/stream-groups.js';
import { sendJson } from '../http/send-json.js';

/** Who listens, and from where on. */
export interface OfrepListener {
  /** Hears only of flags that clients see. */
  readonly onlyVisible: boolean;
  /** The last notice that was read; `null` = none, or it is not known. */
  readonly lastEventId: string | null;
  /** Asked again from time to time: tokens end. */
  readonly isWelcome: () => boolean;
}

/** Client tokens stand in web pages, so that anybody may listen: those beyond are refused, and ask for the flags instead. */
const MOST_LISTENERS = 10_000;

type Changed = Parameters<FlagClient['addHandler']>[1];

const CHANGED = 'PROVIDER_CONFIGURATION_CHANGED';

/** How many notices there were for one kind of listener, and those who listen. */
class Channel extends StreamGroup {
  #count = 0;

  /** @param history names this process's notices, so that none of another is taken up */
  constructor(
    readonly name: string,
    private readonly history: string,
  ) {
    super();
  }

  /** Tells everybody to evaluate again. */
  notify(now: number): void {
    this.#count++;
    this.send(this.#notice(now));
  }

  /** What somebody who comes is told: where the channel stands, and to evaluate again when notices were missed. */
  greeting(lastEventId: string | null, now: number): StreamBytes {
    if (lastEventId !== null && lastEventId !== this.#id) return this.#notice(now);
    return new StreamBytes(Buffer.from(`id: ${this.#id}\n\n`));
  }

  get #id(): string {
    return `${this.#count}.${this.history}`;
  }

  /** One notice stands for all that were missed: evaluating once brings everything. */
  #notice(now: number): StreamBytes {
    const data = JSON.stringify({ type: 'refetchEvaluation', lastModified: Math.floor(now / 1_000) });
    return new StreamBytes(Buffer.from(`id: ${this.#id}\ndata: ${data}\n\n`));
  }
}

/** Tells clients elsewhere when flags changed. */
@Injectable()
export class OfrepStreams implements OnModuleInit, OnModuleDestroy {
  readonly #history = String(randomInt(1_000_000, 9_999_999));
  readonly #everything = new Channel('everything', this.#history);
  readonly #visible = new Channel('visible', this.#history);
  readonly #groups = new StreamGroups<Channel>();
  readonly #known = new Set<string>();
  readonly #unsubscribe: Unsubscribe[] = [];

  /** @param most listeners with client tokens at a time */
  constructor(
    private readonly engine: WaygateEngine,
    @Optional() private readonly most: number = MOST_LISTENERS,
  ) {}

  onModuleInit(): void {
    this.#readVisible();
    const changed: Changed = (details) => this.#changed(details?.flagsChanged ?? []);
    this.engine.flagClient.addHandler(CHANGED, changed);
    this.#unsubscribe.push(
      () => this.engine.flagClient.removeHandler(CHANGED, changed),
      this.engine.events.on('close', () => this.#groups.close()),
    );
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#groups.close();
  }

  open(request: IncomingMessage, response: ServerResponse, { onlyVisible, lastEventId, isWelcome }: OfrepListener): void {
    const channel = onlyVisible ? this.#visible : this.#everything;
    if (onlyVisible && channel.clients.size >= this.most) {
      response.setHeader('retry-after', '60');
      return sendJson(response, 503, { error: 'Too many are listening; ask for the flags from time to time' });
    }
    const opened = this.#groups.open(request, response, channel.name, () => channel, { isWelcome });
    opened?.client.send(channel.greeting(lastEventId, this.engine.now()));
  }

  #changed(keys: readonly string[]): void {
    const before = new Set(this.#known);
    this.#readVisible();
    const now = this.engine.now();
    this.#everything.notify(now);
    if (keys.some((key) => before.has(key) || this.#known.has(key))) this.#visible.notify(now);
  }

  /** Flags that clients see; one that was deleted, or hidden, is to be told as well. */
  #readVisible(): void {
    this.#known.clear();
    for (const { key, clientVisible } of this.engine.sync.flags.list()) if (clientVisible) this.#known.add(key);
  }
}
