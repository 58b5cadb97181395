import { randomUUID } from 'node:crypto';
import type { WaygateBackend } from '../backend/waygate-backend.js';
import { ChangeRefusedError } from '../model/errors.js';
import type { Clock } from '../model/time.js';
import type { AuditEntry, RecordedAuditEntry } from '../schema/audit.js';
import { auditEntry, type Author, type StateDraft } from '../schema/author.js';
import type { StateImage } from '../schema/record.js';
import { canBelieve, lostState, type LostState } from './lost-state.js';
import type { LastKnownGood } from './last-known-good.js';
import type { Snapshot } from './snapshot.js';

export interface StoreGuardOptions {
  readonly backend: WaygateBackend;
  readonly clock: Clock;
  readonly lastKnownGood: LastKnownGood | null;
}

/** Decides whether a loaded state is believed, and asks the backend to restore one that was lost. */
export class StoreGuard {
  #lost: LostState | null = null;
  #copy: Promise<StateImage | null> | undefined;
  #entries: RecordedAuditEntry[] = [];

  constructor(private readonly options: StoreGuardOptions) {}

  /** What the store lost; `null` = it is believed. */
  get lost(): LostState | null {
    return this.#lost;
  }

  /** The copy on disk as it was at the start; `null` = none. */
  copy(): Promise<StateImage | null> {
    this.#copy ??= this.options.lastKnownGood?.read() ?? Promise.resolve(null);
    return this.#copy;
  }

  /**
   * Compares what was loaded with what is known.
   * @param snapshot `null` = nothing came from the backend yet; then the copy on disk is what is known
   * @returns what was lost; `null` = the store is believed
   */
  async examine(snapshot: Snapshot | null, found: StateImage): Promise<LostState | null> {
    const copy = snapshot === null ? await this.copy() : null;
    const known = snapshot === null ? copy : { ...snapshot.identity, revision: snapshot.revision };
    const image = canBelieve(known, found) ? null : (copy ?? snapshot?.toImage() ?? null);
    const wasLost = this.#lost !== null;
    this.#lost = image === null ? null : lostState(image, found, randomUUID());
    if (this.#lost !== null && !wasLost) await this.options.lastKnownGood?.setAside();
    return this.#lost;
  }

  /** Whether the state can come back without an operator. */
  get canRestore(): boolean {
    return this.#lost !== null && this.#lost.restored !== null && this.options.backend.restore !== undefined;
  }

  /** Asks the backend to restore the state. @returns whether it did now */
  async restore(): Promise<boolean> {
    const { backend } = this.options;
    const lost = this.#lost;
    if (lost === null || lost.restored === null || backend.restore === undefined) return false;
    const { found, missing, restored, reason } = lost;
    const audit = this.#entry('state_restored', { actor: 'system', platform: 'system', reason });
    const isDone = await backend.restore({ found, image: restored, missing, audit });
    if (isDone) this.#entries.push({ ...audit, revision: restored.revision });
    return isDone;
  }

  /** @throws {ChangeRefusedError} when the backend cannot */
  async accept(author: Author): Promise<void> {
    const { backend } = this.options;
    if (backend.accept === undefined) throw new ChangeRefusedError('This backend does not support accepting a state.');
    await backend.accept(this.#entry('state_accepted', author));
  }

  /** Entries of restores that this process made and that listeners were not told yet. */
  takeEntries(): readonly RecordedAuditEntry[] {
    return this.#entries.splice(0);
  }

  #entry(action: StateDraft['action'], author: Author): AuditEntry {
    const draft = { action, kind: 'state', key: '*', service: null, before: null, after: null } as const;
    return auditEntry(draft, author, this.options.clock());
  }
}
