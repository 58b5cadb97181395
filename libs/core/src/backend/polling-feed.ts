import type { AuditFilter, RecordedAuditEntry } from '../schema/audit.js';
import type { ChangeBatch, ChangedRecord, Page, PageRequest, StateImage } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import { errorMessage } from '../native-errors/native-error.js';
import type { Unsubscribe } from './unsubscribe.js';

/** Of more audit entries between two looks, the latest. */
const MOST_ENTRIES = 1_000;

/** The part of a backend that polling needs. */
interface Polled {
  /** Period, in ms. */
  readonly pollInterval: number;
  load(): Promise<StateImage>;
  queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>>;
}

/** The change feed of a backend that cannot push: loads everything now and then and tells what is different. */
export class PollingFeed {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #known: Map<string, { readonly kind: RecordKind; readonly key: string }> | undefined;
  #epoch: string | undefined;

  constructor(
    private readonly backend: Polled,
    private since: number,
    private readonly onBatch: (batch: ChangeBatch) => void,
    private readonly onGap: (reason: string) => void,
  ) {}

  start(): Unsubscribe {
    this.#schedule();
    return () => {
      this.#stopped = true;
      clearTimeout(this.#timer);
    };
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#poll(), this.backend.pollInterval);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    try {
      const image = await this.backend.load();
      if (!this.#stopped) await this.#compare(image);
    } catch (error) {
      if (!this.#stopped) this.onGap(`polling failed: ${errorMessage(error)}`);
    }
    this.#schedule();
  }

  async #compare(image: StateImage): Promise<void> {
    const known = this.#known;
    const sameStore = this.#epoch === undefined || this.#epoch === image.epoch;
    this.#epoch = image.epoch;
    this.#known = new Map(image.records.map(({ kind, key }) => [`${kind} ${key}`, { kind, key }]));
    if (image.revision === this.since && sameStore) return;
    const since = this.since;
    this.since = image.revision;
    // What was there at `since` is unknown at the first difference, so a deletion could go unseen.
    if (known === undefined || !sameStore || image.revision < since) return this.onGap('the store moved on unseen');

    const changes: ChangedRecord[] = image.records.filter((record) => record.revision > since);
    for (const [id, { kind, key }] of known) {
      if (!this.#known.has(id)) changes.push({ kind, key, revision: image.revision, value: null });
    }
    const audit = await this.#auditOf(since, image.revision);
    if (!this.#stopped) this.onBatch({ since, revision: image.revision, changes, audit });
  }

  /** Who did it, oldest first: without it nobody would hear of edges in time. The changes count even where that cannot be told. */
  async #auditOf(since: number, upTo: number): Promise<readonly RecordedAuditEntry[]> {
    try {
      const { items } = await this.backend.queryAudit({}, { limit: MOST_ENTRIES });
      return items.filter(({ revision }) => revision > since && revision <= upTo).toReversed();
    } catch {
      return [];
    }
  }
}
