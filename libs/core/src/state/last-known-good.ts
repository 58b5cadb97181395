import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StateImage, StoredRecord, StoreIdentity } from '../schema/record.js';
import { errorCode } from '../native-errors/native-error.js';

interface Head {
  readonly format: 1;
  readonly revision: number;
  readonly epoch: string | null;
  readonly store?: string;
  readonly supersedes?: readonly string[];
  readonly records: number;
  /** Hex SHA-256 of everything behind this line. */
  readonly sha256: string;
}

export interface LastKnownGoodOptions {
  /** A missing folder is made. */
  readonly path: string;
  /** Told when the copy cannot be written or read: decisions do not depend on it, but somebody should know. */
  readonly onError: (what: string, error: unknown) => void;
}

/** At most so often, in ms; a copy that takes long to write is written more rarely still. */
const SHORTEST_PAUSE_MS = 1_000;
/** Of the time, at most this part goes into writing copies. */
const LARGEST_SHARE = 0.05;
const RECORDS_A_STEP = 1_000;

/**
 * A copy on disk of the last snapshot that came from the backend, for a start without it. One line says what follows and its checksum, then
 * a line a record. Written aside and renamed, so that it is always a whole one.
 */
export class LastKnownGood {
  #wanted: (() => StateImage) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #notBefore = 0;
  /** Whether it was told that writing fails: once is enough, until it succeeds again. */
  #isFailing = false;

  constructor(private readonly options: LastKnownGoodOptions) {}

  /** The copy; `null` = there is none that can be used. Never rejects. */
  async read(): Promise<StateImage | null> {
    try {
      return parse(await readFile(this.options.path, 'utf8'));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT')
        this.options.onError(`The last known good copy ${this.options.path} cannot be used`, error);
      return null;
    }
  }

  /** Keeps the copy under another name, `<path>.lost-<time>`, before a different state replaces it. Never rejects. */
  async setAside(): Promise<void> {
    await this.flush();
    const aside = `${this.options.path}.lost-${new Date().toISOString().replaceAll(':', '-')}`;
    try {
      await copyFile(this.options.path, aside);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.options.onError(`The last known good copy cannot be kept as ${aside}`, error);
    }
  }

  /**
   * Writes a copy soon; of several in quick succession only the last.
   * @param image asked for when it is written
   */
  keep(image: () => StateImage): void {
    this.#wanted = image;
    if (this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), Math.max(0, this.#notBefore - performance.now()));
    this.#timer.unref();
  }

  /** Writes what was asked for, now. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    const wanted = this.#wanted;
    if (wanted === null) return;
    this.#wanted = null;
    this.#writing = this.#write(wanted()).finally(() => (this.#writing = undefined));
    await this.#writing;
    if (this.#wanted !== null) this.keep(this.#wanted);
  }

  async #write(image: StateImage): Promise<void> {
    const started = performance.now();
    const aside = `${this.options.path}.${process.pid}.tmp`;
    try {
      const body = await serialize(image.records);
      const { revision, epoch = null, store, supersedes } = image;
      const sha256 = createHash('sha256').update(body).digest('hex');
      const head: Head = {
        format: 1,
        revision,
        epoch,
        ...(store === undefined ? {} : { store }),
        ...(supersedes === undefined ? {} : { supersedes }),
        records: image.records.length,
        sha256,
      };
      // A file of its own: what stands there may be a link that leads elsewhere, or be readable by others.
      await mkdir(dirname(aside), { recursive: true });
      await rm(aside, { force: true });
      const file = await open(aside, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(head)}\n${body}`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, this.options.path);
      this.#isFailing = false;
    } catch (error) {
      await rm(aside, { force: true }).catch(() => undefined);
      if (!this.#isFailing) this.options.onError(`The last known good copy ${this.options.path} cannot be written`, error);
      this.#isFailing = true;
    }
    const took = performance.now() - started;
    this.#notBefore = performance.now() + Math.max(SHORTEST_PAUSE_MS, took / LARGEST_SHARE);
  }
}

/** In steps, so that a large state does not hold up requests. */
async function serialize(records: readonly StoredRecord[]): Promise<string> {
  let body = '';
  for (let i = 0; i < records.length; i++) {
    body += `${JSON.stringify(records[i])}\n`;
    if (i % RECORDS_A_STEP === RECORDS_A_STEP - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return body;
}

function parse(text: string): StateImage {
  const end = text.indexOf('\n');
  const head = JSON.parse(text.slice(0, end)) as Partial<Head>;
  const body = text.slice(end + 1);
  if (head.format !== 1) throw new Error(`format ${String(head.format)} is not known here`);
  if (createHash('sha256').update(body).digest('hex') !== head.sha256) throw new Error('its checksum is wrong');
  const records = body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredRecord);
  const { revision, epoch, store, supersedes } = head;
  if (!Number.isInteger(revision)) throw new Error('it names no revision');
  const identity: StoreIdentity = {
    ...(epoch == null ? {} : { epoch }),
    ...(store === undefined ? {} : { store }),
    ...(supersedes === undefined ? {} : { supersedes }),
  };
  return { ...identity, revision: revision as number, records };
}
