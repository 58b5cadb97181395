import { constants, copyFile, link, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { StateFileError } from '../../model/errors.js';
import { errorCode } from '../../native-errors/native-error.js';
import type { StoredRecord } from '../../schema/record.js';
import { abandon, syncFolderOf, unavailable, warnOperator, writeAt } from './durable-files.js';
import { readState, writeState, type StateDocument } from './state-document.js';
import { TextProblem, type StateFormat } from './state-format.js';

/** What was found at the start. */
export interface FoundState extends StateDocument {
  /** `file`: what the state file says; `copy`: the last good copy; `nothing`: there was none. */
  readonly source: 'file' | 'copy' | 'nothing';
}

/**
 * The state file and its last good copy. Each write is a file of its own that takes the place of the one before when it is safely on
 * the disk, so that at every moment either stands there whole. The one before becomes the last good copy, until {@link renewCopy}.
 */
export class StateFile {
  readonly #fragments = new WeakMap<StoredRecord, string>();
  /** Of the file as this process knows it; `null` = there is none. */
  #stamp: string | null = null;
  #mode = 0o600;
  #copyIsBehind = false;

  constructor(
    readonly path: string,
    private readonly format: StateFormat,
  ) {}

  /**
   * Reads the file, or the last good copy when it cannot be used; it is then set aside under another name, loudly.
   * @throws {StateFileError} when neither can be used; both are left as they are
   * @throws {BackendUnavailableError} when the file system fails
   */
  async read(): Promise<FoundState> {
    const own = await this.#readOne(this.path);
    if (own !== null && !(own instanceof StateFileError)) {
      const found = await stat(this.path, { bigint: true });
      this.#stamp = stampOf(found);
      this.#mode = Number(found.mode) & 0o777;
      return { ...own, source: 'file' };
    }
    const copy = await this.#readOne(this.#copyPath);
    if (copy instanceof StateFileError) throw own ?? copy;
    if (copy === null) {
      if (own !== null) throw own;
      return { revision: 0, records: [], source: 'nothing' };
    }
    await this.#setAside(own, copy.revision);
    this.#mode = (await stat(this.#copyPath)).mode & 0o777;
    return { ...copy, source: 'copy' };
  }

  /**
   * Makes this the state. When it returns, it is on the disk.
   * @throws {BackendUnavailableError} and the file is what it was
   * @throws {WriteInDoubtError} when not even that could be achieved
   */
  async write(state: StateDocument): Promise<void> {
    const text = writeState(state, this.format, (record) => this.#fragmentOf(record));
    const temporary = `${this.path}.tmp`;
    const former = `${this.path}.former`;
    let handle: FileHandle | undefined;
    let edited = false;
    try {
      edited = await this.#keepEdit();
      // A file of its own: what stands there may be a link that leads elsewhere.
      await rm(temporary, { force: true });
      handle = await open(temporary, 'wx', this.#mode);
      await handle.chmod(this.#mode);
      await writeAt(handle, Buffer.from(text), 0);
      await handle.sync();
      const stamp = stampOf(await handle.stat({ bigint: true }));
      await handle.close();
      handle = undefined;
      await rm(former, { force: true });
      if (this.#stamp !== null) await link(this.path, former);
      await rename(temporary, this.path);
      await this.#settle(former);
      this.#stamp = stamp;
      this.#copyIsBehind = true;
    } catch (error) {
      await abandon(handle, temporary);
      throw error instanceof WriteInDoubtError ? error : unavailable('Nothing was changed: cannot write', this.path, error);
    }
    // Not before the state is safe: a name of its own until then, so that the copy is never the file that is being replaced.
    // What somebody wrote there meanwhile was never checked and is no good copy.
    const renewed = edited ? rm(former, { force: true }) : rename(former, this.#copyPath);
    await renewed.catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT')
        warnOperator(`The last good copy '${this.#copyPath}' could not be renewed: ${String(error)}`);
    });
  }

  /**
   * Makes the last good copy what the state is now, so that a file damaged later costs nothing. Apart from writes, for which it would
   * double what they wait for. Never rejects: without it, the copy is the state before the last write.
   */
  async renewCopy(): Promise<void> {
    const stamp = this.#stamp;
    if (!this.#copyIsBehind || stamp === null) return;
    const temporary = `${this.#copyPath}.tmp`;
    try {
      await rm(temporary, { force: true });
      await copyFile(this.path, temporary, constants.COPYFILE_EXCL);
      const handle = await open(temporary, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      // Neither what was written meanwhile nor what somebody edited is what was copied.
      const isCurrent = stampOf(await stat(this.path, { bigint: true })) === stamp && this.#stamp === stamp;
      if (!isCurrent) return await rm(temporary, { force: true });
      await rename(temporary, this.#copyPath);
      this.#copyIsBehind = this.#stamp !== stamp;
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  get #copyPath(): string {
    return `${this.path}.bak`;
  }

  /** Makes the new name durable, or puts the old file back. */
  async #settle(former: string): Promise<void> {
    try {
      await syncFolderOf(this.path);
    } catch (error) {
      try {
        if (this.#stamp === null) await rm(this.path);
        else await rename(former, this.path);
      } catch (failure) {
        throw new WriteInDoubtError(this.path, failure);
      }
      throw error;
    }
  }

  async #readOne(path: string): Promise<StateDocument | StateFileError | null> {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw unavailable('Cannot read', path, error);
    }
    try {
      return readState(decode(bytes), this.format);
    } catch (error) {
      if (error instanceof TextProblem)
        return new StateFileError(path, error.position.line, error.position.column, error.message);
      throw error;
    }
  }

  async #setAside(problem: StateFileError | null, revision: number): Promise<void> {
    if (problem === null) {
      return warnOperator(
        `The state file '${this.path}' is gone; its last good copy, revision ${revision}, is used. To begin anew remove '${this.#copyPath}' too.`,
      );
    }
    const aside = `${this.path}.corrupt-${timestamp()}`;
    try {
      await rename(this.path, aside);
      await syncFolderOf(this.path);
    } catch (error) {
      throw unavailable(`${problem.message} It cannot be set aside as '${aside}'. Cannot rename`, this.path, error);
    }
    warnOperator(`${problem.message} It was set aside as '${aside}'; the last good copy, revision ${revision}, is used.`);
  }

  /** Somebody changed the file under us: what they wrote is kept beside it. @returns whether it was so */
  async #keepEdit(): Promise<boolean> {
    const found = await stat(this.path, { bigint: true }).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (found === null) {
      this.#stamp = null;
      return false;
    }
    const stamp = stampOf(found);
    if (stamp === this.#stamp) return false;
    const aside = `${this.path}.edited-${timestamp()}`;
    await link(this.path, aside);
    warnOperator(
      `'${this.path}' was changed while the application runs. It is not read then; what was written is kept in '${aside}'.`,
    );
    this.#stamp = stamp;
    return true;
  }

  #fragmentOf(record: StoredRecord): string {
    let fragment = this.#fragments.get(record);
    if (fragment === undefined) this.#fragments.set(record, (fragment = this.format.fragment(record)));
    return fragment;
  }
}

/** The new state may or may not be on the disk: only a restart, which reads it, can tell. */
export class WriteInDoubtError extends Error {
  constructor(path: string, cause: unknown) {
    super(`'${path}' could neither be written for certain nor put back: ${String(cause)}. Restart the process.`, { cause });
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TextProblem('the file is not UTF-8 text', { line: 1, column: 1 });
  }
}

function stampOf({ ino, size, mtimeNs }: { ino: bigint; size: bigint; mtimeNs: bigint }): string {
  return `${ino} ${size} ${mtimeNs}`;
}

function timestamp(): string {
  return new Date().toISOString().replaceAll(':', '-');
}
