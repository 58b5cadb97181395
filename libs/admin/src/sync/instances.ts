import { Injectable } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { RecordStreams } from './record-streams.js';
import { scopeKeyOf } from './sync-scope.js';

/** What a process says about itself. */
export interface InstanceReport {
  /** Unique within its service. */
  readonly id: string;
  readonly service: string | null;
  /** Of the application, or of Waygate within; `null` = it does not say. */
  readonly version: string | null;
}

export interface Instance extends InstanceReport {
  /** The last revision it is known to have applied; those after it that did not concern it count as applied while it is connected. */
  readonly revision: number;
  /** Epoch ms. */
  readonly lastSeen: number;
  readonly isConnected: boolean;
}

interface Entry extends InstanceReport {
  version: string | null;
  revision: number;
  lastSeen: number;
  streams: number;
}

const MOST_INSTANCES = 20_000;
/** Who is gone for longer is forgotten, in ms. */
const REMEMBERED_MS = 5 * 60_000;

/** The processes that keep in step with this one. Each server knows its own; nothing of this is stored. */
@Injectable()
export class Instances {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly engine: WaygateEngine,
    private readonly streams: RecordStreams,
  ) {}

  /**
   * @param revision the one it goes on from; 0 = it begins anew
   * @returns to be called when the stream ends
   */
  connected(report: InstanceReport, revision: number): () => void {
    const entry = this.#entry(report, revision);
    entry.streams++;
    return () => {
      entry.streams--;
      entry.lastSeen = this.engine.now();
    };
  }

  /** A process applied a revision. */
  applied(report: InstanceReport, revision: number): void {
    this.#entry(report, revision);
  }

  /** Sorted by service and id. */
  list(): readonly Instance[] {
    const now = this.engine.now();
    this.#forget(now);
    return [...this.#entries.values()]
      .map((entry) => {
        const { id, service, version, lastSeen, streams } = entry;
        const isConnected = streams > 0;
        // Kept: once a change that concerns it is told, how far it was before that could not be found out any more.
        if (isConnected) entry.revision = this.streams.reached(scopeKeyOf(service), entry.revision);
        return { id, service, version, revision: entry.revision, lastSeen: isConnected ? now : lastSeen, isConnected };
      })
      .toSorted((a, b) => compare(a.service ?? '', b.service ?? '') || compare(a.id, b.id));
  }

  #entry(report: InstanceReport, revision: number): Entry {
    const key = JSON.stringify([report.service, report.id]);
    const now = this.engine.now();
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= MOST_INSTANCES) this.#forget(now);
      entry = { ...report, revision, lastSeen: now, streams: 0 };
      // Beyond the bound somebody is followed, but not listed.
      if (this.#entries.size < MOST_INSTANCES) this.#entries.set(key, entry);
    }
    entry.version = report.version ?? entry.version;
    entry.revision = revision;
    entry.lastSeen = now;
    return entry;
  }

  #forget(now: number): void {
    for (const [key, { streams, lastSeen }] of this.#entries)
      if (streams === 0 && now - lastSeen > REMEMBERED_MS) this.#entries.delete(key);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
