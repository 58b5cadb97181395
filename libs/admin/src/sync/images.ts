import { Injectable } from '@nestjs/common';
import { RECORD_KINDS, WaygateEngine } from '@waygate/core';
import type { SyncScope } from './sync-scope.js';

/** Bytes kept at most: after a restart everybody of a service asks for the same. */
const KEPT_BYTES = 32 * 1024 * 1024;

interface Kept {
  readonly tag: string;
  readonly bytes: Buffer;
}

/** What a scope holds at the present revision, encoded. */
@Injectable()
export class Images {
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;

  constructor(private readonly engine: WaygateEngine) {}

  of(scope: SyncScope): Buffer {
    const { revision, epoch } = this.engine.replication.snapshot;
    const tag = `${epoch ?? ''} ${revision}`;
    const kept = this.#kept.get(scope.key);
    if (kept?.tag === tag) return kept.bytes;
    this.#drop(scope.key);
    const bytes = this.#encode(scope);
    this.#keptBytes += bytes.length;
    this.#kept.set(scope.key, { tag, bytes });
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      this.#drop(oldest);
    }
    return bytes;
  }

  #encode(scope: SyncScope): Buffer {
    const { snapshot } = this.engine.replication;
    const records: string[] = [];
    for (const kind of RECORD_KINDS)
      for (const record of snapshot.list(kind)) if (scope.includes(record)) records.push(JSON.stringify(record));
    const { epoch = null, store, supersedes } = snapshot.identity;
    const identity = { epoch, ...(store === undefined ? {} : { store }), ...(supersedes === undefined ? {} : { supersedes }) };
    const head = JSON.stringify({ format: 1, ...identity, revision: snapshot.revision });
    return Buffer.from(`${head.slice(0, -1)},"records":[${records.join(',')}]}`);
  }

  #drop(key: string): void {
    this.#keptBytes -= this.#kept.get(key)?.bytes.length ?? 0;
    this.#kept.delete(key);
  }
}
