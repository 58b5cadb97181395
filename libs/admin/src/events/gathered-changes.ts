import type { ChangedRecord, ChangeEvent, RecordedAuditEntry, Unsubscribe, WaygateEngine } from '@waygate/core';

/** What changed in one turn of the event loop, each record once. */
export interface ChangeStep {
  /** The revision before it. */
  readonly since: number;
  readonly revision: number;
  readonly records: ReadonlyMap<string, ChangedRecord>;
  readonly audit: readonly RecordedAuditEntry[];
}

interface Gathered {
  readonly since: number;
  revision: number;
  readonly records: Map<string, ChangedRecord>;
  readonly audit: RecordedAuditEntry[];
}

/** Gathers the changes that come in one turn of the event loop, so that they are told together. */
export class GatheredChanges {
  #gathered: Gathered | undefined;
  #told = 0;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly tell: (step: ChangeStep) => void,
  ) {}

  /** @returns to be called when nobody wants to be told any more */
  start(): Unsubscribe {
    this.#told = this.engine.revision;
    return this.engine.events.on('change', (change) => this.#changed(change));
  }

  /** Revision up to which everything was told. */
  get told(): number {
    return this.#told;
  }

  #changed({ revision, changes, audit }: ChangeEvent): void {
    const gathered = (this.#gathered ??= this.#begin());
    gathered.revision = revision;
    for (const { after } of changes) gathered.records.set(`${after.kind} ${after.key}`, after);
    gathered.audit.push(...audit);
  }

  #begin(): Gathered {
    setImmediate(() => this.#tellGathered());
    return { since: this.#told, revision: this.#told, records: new Map(), audit: [] };
  }

  #tellGathered(): void {
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered === undefined) return;
    this.#told = gathered.revision;
    this.tell(gathered);
  }
}
