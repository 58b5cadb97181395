import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { errorCode } from '../../native-errors/native-error.js';
import { syncFolderOf, unavailable } from './durable-files.js';

/** Identity of the history in a state file. */
export interface FileStore {
  readonly store: string;
  readonly supersedes: readonly string[];
}

/**
 * Keeps the identity beside the state file, as earlier versions refuse unknown members in it. A state file without one, as after a
 * backup was restored elsewhere, counts as another store.
 */
export class StoreFile {
  constructor(private readonly path: string) {}

  /** @returns `null` = there is none that can be read */
  async read(): Promise<FileStore | null> {
    try {
      const { store, supersedes } = JSON.parse(await readFile(this.path, 'utf8')) as Partial<FileStore>;
      return typeof store === 'string' && Array.isArray(supersedes) ? { store, supersedes } : null;
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
      throw unavailable('Cannot read', this.path, error);
    }
  }

  /** @throws {BackendUnavailableError} */
  async write(store: FileStore): Promise<FileStore> {
    const aside = `${this.path}.tmp`;
    try {
      await rm(aside, { force: true });
      const handle = await open(aside, 'wx', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(store)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(aside, this.path);
      await syncFolderOf(this.path);
      return store;
    } catch (error) {
      throw unavailable('Cannot write', this.path, error);
    }
  }
}

export function newFileStore(supersedes: readonly string[] = [], store: string = randomUUID()): FileStore {
  return { store, supersedes };
}
