import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WaygateEngine, type EvaluationSample, type Unsubscribe } from '@waygate/core';
import { StreamBytes } from '../events/stream-client.js';
import { StreamGroup, StreamGroups } from '../events/stream-groups.js';
import { sampleWire } from './evaluation-wire.js';

/** What a stream tells of; what is not given does not matter. */
export interface WantedEvaluations {
  readonly flag?: string;
  readonly variation?: string;
  readonly targetingKey?: string;
}

/** Evaluations are told together, this often. */
const TELL_MS = 250;
/** Evaluations told at a time; those beyond are only counted. */
const MOST_AT_A_TIME = 100;

/** Readers of the same evaluations. */
class EvaluationGroup extends StreamGroup {
  readonly #waiting: EvaluationSample[] = [];
  #skipped = 0;

  constructor(private readonly wanted: WantedEvaluations) {
    super();
  }

  hear(evaluation: EvaluationSample): void {
    const { flag, variation, targetingKey } = this.wanted;
    if (flag !== undefined && flag !== evaluation.flag) return;
    if (variation !== undefined && variation !== evaluation.variation) return;
    if (targetingKey !== undefined && targetingKey !== evaluation.targetingKey) return;
    if (this.#waiting.length < MOST_AT_A_TIME) this.#waiting.push(evaluation);
    else this.#skipped++;
  }

  tell(): void {
    const events: object[] = this.#waiting.splice(0).map((one) => ({ type: 'evaluation', evaluation: sampleWire(one) }));
    if (this.#skipped > 0) events.push({ type: 'skipped', count: this.#skipped });
    this.#skipped = 0;
    this.send(new StreamBytes(Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))));
  }
}

/** Tells open streams what this process evaluates, as it happens. Nothing is heard, and evaluations cost nothing more, while none is open. */
@Injectable()
export class EvaluationStreams implements OnModuleInit, OnModuleDestroy {
  readonly #groups = new StreamGroups<EvaluationGroup>();
  #listening: readonly Unsubscribe[] = [];
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: Unsubscribe = () => {};

  constructor(private readonly engine: WaygateEngine) {}

  onModuleInit(): void {
    this.#unsubscribe = this.engine.events.on('close', () => this.#end());
  }

  onModuleDestroy(): void {
    this.#unsubscribe();
    this.#end();
  }

  /** @param isWelcome asked again when tokens change */
  open(request: IncomingMessage, response: ServerResponse, wanted: WantedEvaluations, isWelcome: () => boolean): void {
    const { flag = null, variation = null, targetingKey = null } = wanted;
    const key = JSON.stringify([flag, variation, targetingKey]);
    const opened = this.#groups.open(request, response, key, () => new EvaluationGroup(wanted), { isWelcome });
    if (opened !== null && this.#listening.length === 0) this.#listen();
  }

  #listen(): void {
    const { events } = this.engine;
    this.#listening = [
      events.on('evaluation', (evaluation) => {
        for (const group of this.#groups) group.hear(evaluation);
      }),
      events.on('change', ({ changes }) => {
        if (changes.some(({ after: { kind } }) => kind === 'token' || kind === 'revocation')) this.#groups.dismiss();
      }),
    ];
    this.#timer = setInterval(() => this.#tell(), TELL_MS).unref();
  }

  #tell(): void {
    for (const group of this.#groups) group.tell();
    if (this.#groups.size === 0) this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    for (const unsubscribe of this.#listening) unsubscribe();
    this.#listening = [];
  }

  #end(): void {
    this.#rest();
    this.#groups.close();
  }
}
