import { link, open, readFile, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { BackendUnavailableError, FileLockedError } from '../../model/errors.js';
import { errorCode } from '../../native-errors/native-error.js';
import { abandon, unavailable, writeAt } from './durable-files.js';
import { isRunning, isSame, readIdentity, thisProcess, type ProcessIdentity } from './process-identity.js';

/** How often a holder shows that it lives, in ms. */
const SIGN_MS = 500;
/** After how long without a sign a holder that cannot be looked up from here is taken for dead, in ms. */
const LEASE_MS = 2_500;
const POLL_MS = 50;
const ATTEMPTS = 20;

/**
 * Keeps a second process from a file: a lock file beside it that names its holder. It appears whole and only once, as a hard link.
 *
 * The lock of a dead process is taken over. That must not be done by two at a time, nor hit a lock that somebody else took in the
 * meantime; hence a taker first creates a claim named after the very lock that it found stale, which only one can, and looks again
 * before it replaces that lock. A taker that dies over it leaves a claim that can be claimed in turn.
 */
export class FileLock {
  #sign: NodeJS.Timeout | undefined;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly content: Buffer,
  ) {}

  /**
   * @throws {FileLockedError} naming the process that has it
   * @throws {BackendUnavailableError} when the lock file cannot be written
   */
  static async take(path: string): Promise<FileLock> {
    const self = await thisProcess();
    const candidate = `${path}.${self.token}`;
    const content = Buffer.from(`${JSON.stringify(self)}\n`);
    let handle: FileHandle | undefined;
    try {
      handle = await open(candidate, 'wx+', 0o644);
      await writeAt(handle, content, 0);
      await acquire(path, candidate, self);
      await rm(candidate, { force: true });
    } catch (error) {
      await abandon(handle, candidate);
      throw error instanceof FileLockedError ? error : unavailable('Cannot create the lock', path, error);
    }
    return new FileLock(path, handle, content).#showLife();
  }

  /**
   * To be asked before each write: a process that was frozen for long may have been taken for dead.
   * @throws {BackendUnavailableError} when another process has the lock now
   */
  async check(): Promise<void> {
    if (!(await this.#isHeld()))
      throw new BackendUnavailableError(
        `The lock '${this.path}' was removed or taken over by another process. Restart this one.`,
      );
  }

  async release(): Promise<void> {
    clearInterval(this.#sign);
    try {
      if (await this.#isHeld()) await unlink(this.path);
    } catch (error) {
      throw unavailable('Cannot remove the lock', this.path, error);
    } finally {
      await this.handle.close();
    }
  }

  #showLife(): this {
    // The same bytes again: the file system's clock stamps them, which a taker compares with a stamp of the same clock.
    this.#sign = setInterval(() => void writeAt(this.handle, this.content, 0).catch(() => undefined), SIGN_MS);
    this.#sign.unref();
    return this;
  }

  /** Our handle keeps the inode from being used anew, so its number tells. */
  async #isHeld(): Promise<boolean> {
    const [own, there] = await Promise.all([
      this.handle.stat({ bigint: true }),
      stat(this.path, { bigint: true }).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return null;
        throw error;
      }),
    ]);
    return there !== null && own.ino === there.ino && own.dev === there.dev;
  }
}

async function acquire(path: string, candidate: string, self: ProcessIdentity): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await linked(candidate, path)) return;
    const chain = await claimsOn(path);
    const last = chain.at(-1);
    if (last === undefined) continue;
    const life = await lifeOf(last, candidate, self);
    if (life === 'alive') throw new FileLockedError(path, { ...last.holder, self: isSame(last.holder, self) });
    if (life === 'gone') continue;
    const claim = claimOf(path, last.holder);
    if (!(await linked(candidate, claim))) continue;
    const again = await claimsOn(path);
    if (tokens(again) === `${tokens(chain)} ${self.token}`) {
      await rename(candidate, path);
      for (const { path: obsolete } of again.slice(1)) await rm(obsolete, { force: true });
      return;
    }
    await rm(claim, { force: true });
  }
  throw new BackendUnavailableError('too many processes want it at once; try again');
}

interface Claim {
  readonly path: string;
  readonly holder: ProcessIdentity;
}

/** The lock, the claim on it, the claim on that claim, and so on. The last one counts. */
async function claimsOn(path: string): Promise<readonly Claim[]> {
  const chain: Claim[] = [];
  for (let at = path; ;) {
    const text = await readFile(at, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return chain;
    const holder = readIdentity(text);
    if (holder === null)
      throw new BackendUnavailableError(`'${at}' is damaged; remove it if no other process uses the state file`);
    chain.push({ path: at, holder });
    at = claimOf(path, holder);
  }
}

/**
 * Whether a holder lives. One that cannot be looked up is watched until it gives a sign, or could have given several; `gone` = it let
 * go meanwhile.
 */
async function lifeOf({ path, holder }: Claim, candidate: string, self: ProcessIdentity): Promise<'alive' | 'dead' | 'gone'> {
  const running = await isRunning(holder, self);
  if (running !== 'unknown') return running ? 'alive' : 'dead';
  try {
    const last = await stat(path);
    const silentFor = (await stat(candidate)).mtimeMs - last.mtimeMs;
    for (const end = performance.now() + LEASE_MS - silentFor; performance.now() < end; await setTimeout(POLL_MS)) {
      const { ino, mtimeMs } = await stat(path);
      if (ino !== last.ino) return 'gone';
      if (mtimeMs !== last.mtimeMs) return 'alive';
    }
    return 'dead';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    throw error;
  }
}

/** @returns whether it was created; `false` = it was there */
async function linked(candidate: string, path: string): Promise<boolean> {
  try {
    await link(candidate, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function claimOf(path: string, holder: ProcessIdentity): string {
  return `${path}.taking-${holder.token}`;
}

function tokens(chain: readonly Claim[]): string {
  return chain.map(({ holder }) => holder.token).join(' ');
}
