import { randomUUID } from 'node:crypto';
import { ANY_STORE, type AuditEntry, type Restoration } from '@waygate/core';
import { runScript } from '../connection/script.js';
import type { BackendKeys } from './backend-keys.js';
import type { BoundedClient } from './bounded-client.js';
import { unavailable } from './failures.js';
import { lineageText, type Lineage } from './lineage.js';
import { ACCEPT, OFFER, RENEW, RESTORE } from './scripts.lua.js';
import { stateFields } from './wire.js';

export interface StoreChangesOptions {
  readonly client: BoundedClient;
  readonly keys: BackendKeys;
  readonly auditCapacity: number;
  /** What one answer may take, in ms. */
  readonly commandTimeout: number;
  /** What writing everything may take, in ms. */
  readonly loadTimeout: number;
}

/** How long processes may offer what they know before one of them restores the state, in ms. All of them notice within about 1.5 s. */
const SETTLE_MS = 2_000;
/** After so long, the one that knows most is taken to be gone, in ms. */
const WAIT_MS = 10_000;
/** Processes that know records that the store lacks come before all others. */
const MISSING_RANK = 1e12;

/** Gives the store in Redis another identity: it was restored, accepted, or found to have lost its newest commits. */
export class StoreChanges {
  constructor(private readonly options: StoreChangesOptions) {}

  /** Offers to restore the state, and does so once every process had time to offer, if this one knows most. */
  async restore({ found, image, missing, audit }: Restoration): Promise<boolean> {
    const { keys, auditCapacity, commandTimeout, loadTimeout } = this.options;
    const rank = (missing > 0 ? MISSING_RANK : 0) + image.revision;
    try {
      const [age, best] = await this.#run(OFFER, [keys.offers], [found.epoch ?? '', String(rank)], commandTimeout, readOffers);
      if (age < SETTLE_MS || (rank < best && age < WAIT_MS)) return false;
      const { epoch = randomUUID(), supersedes = [], revision, records } = image;
      const identity = [epoch, String(revision), randomUUID(), lineageText({ epoch, supersedes })];
      return await this.#run(
        RESTORE,
        [keys.state, keys.changes, keys.audit, keys.lineage, keys.offers],
        [
          found.epoch ?? '',
          String(found.revision),
          ...identity,
          String(auditCapacity),
          JSON.stringify(audit),
          ...stateFields(records),
        ],
        loadTimeout,
        (answer) => answer === 1,
      );
    } catch (error) {
      throw unavailable('The state was not restored', error);
    }
  }

  /** @throws {BackendUnavailableError} */
  async accept(audit: AuditEntry): Promise<void> {
    const { keys, auditCapacity, commandTimeout } = this.options;
    const epoch = randomUUID();
    const lineage = lineageText({ epoch, supersedes: [ANY_STORE] });
    const values = [epoch, randomUUID(), lineage, String(auditCapacity), JSON.stringify(audit)];
    try {
      await this.options.client.connect(commandTimeout);
      await this.#run(ACCEPT, [keys.state, keys.audit, keys.lineage], values, commandTimeout, () => undefined);
    } catch (error) {
      throw unavailable('It is unknown whether the store was accepted', error);
    }
  }

  /**
   * The store went another way than this process has seen: a failover lost commits. Under another identity, every process compares it with
   * what it knows.
   */
  async branchOff(from: string, { supersedes = [] }: Lineage): Promise<void> {
    const { keys, commandTimeout } = this.options;
    const epoch = randomUUID();
    const values = [from, epoch, lineageText({ epoch, supersedes, forkOf: from })];
    await this.#run(RENEW, [keys.state, keys.lineage], values, commandTimeout, () => undefined);
  }

  #run<T>(
    script: typeof RESTORE,
    keys: readonly string[],
    values: readonly string[],
    withinMs: number,
    read: (answer: unknown) => T,
  ): Promise<T> {
    return this.options.client.ask((client) => runScript(client, script, keys, values, read), withinMs);
  }
}

function readOffers(answer: unknown): readonly [ageMs: number, best: number] {
  const [age, best] = answer as readonly [number, string];
  return [age, Number(best)];
}
