import { open, rename, type FileHandle } from 'node:fs/promises';
import { errorCode } from '../../native-errors/native-error.js';
import type { Page, PageRequest } from '../../schema/record.js';
import { checkPage } from '../bounded-log.js';
import { readAt, syncFolderOf, unavailable, writeAt } from './durable-files.js';
import { linesBackwards, NEWLINE, wholeLines } from './line-reader.js';

export interface LineLogOptions {
  /** `<path>.jsonl` is written to; older files are `<path>.1.jsonl` (the newest of them), `<path>.2.jsonl` … */
  readonly path: string;
  /** A file of at least so many bytes, or lines, is followed by a new one. */
  readonly maxBytes: number;
  readonly maxLines: number;
  /** Older files kept; at least 1. */
  readonly keep: number;
  /** Whether an append is on the disk when it returns; otherwise the system writes it when it likes. */
  readonly durable: boolean;
}

/** A file of the log and the part of it that counts. */
interface Segment {
  readonly handle: FileHandle;
  /** Place of the file's first byte in the whole log, from the first line ever written on. */
  readonly origin: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** The file that is written to. */
interface CurrentFile extends Omit<Segment, 'end'> {
  readonly handle: FileHandle;
  lines: number;
}

/**
 * An append-only log of JSON lines over a few files, read from its end. A line's place in the log never changes, whatever is appended
 * or rotated away, and so is a cursor that stays right: the first line of each file says where in the log the file begins.
 *
 * What was appended counts, and is given out, only once it is {@link accept}ed; else the next append writes over it.
 */
export class LineLog<T extends object> {
  #current: CurrentFile | undefined;
  /** Where the accepted part of the current file ends, and how far was written beyond. */
  #end = 0;
  #written = 0;
  #linesWritten = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LineLogOptions) {}

  /** Opens the current file; a last line that was cut off in the middle is removed. */
  async open(): Promise<void> {
    await this.#inTurn('open', () => this.#openCurrent());
  }

  /** @throws {BackendUnavailableError} and what was appended does not count */
  async append(entries: readonly T[]): Promise<void> {
    if (entries.length > 0) await this.#inTurn('write', () => this.#write(entries));
  }

  /** Appends what counts at once. */
  async add(entries: readonly T[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#inTurn('write', async () => {
      await this.#write(entries);
      this.accept();
    });
  }

  /** What was appended since counts from now on. */
  accept(): void {
    this.#end = this.#written;
    if (this.#current !== undefined) this.#current.lines += this.#linesWritten;
    this.#linesWritten = 0;
  }

  /** Takes back what was appended and not accepted. Never fails: what cannot be removed now is before the next append. */
  async takeBack(): Promise<void> {
    await this.#inTurn('write', async () => {
      this.#linesWritten = 0;
      if (this.#written === this.#end) return;
      await this.#current?.handle.truncate(this.#end);
      if (this.options.durable) await this.#current?.handle.datasync();
      this.#written = this.#end;
    }).catch(() => undefined);
  }

  /**
   * Removes the last lines of the current file for as long as `isObsolete` says so of them.
   * @returns how many
   */
  async dropLast(isObsolete: (entry: T) => boolean): Promise<number> {
    return this.#inTurn('write', async () => {
      const current = await this.#openCurrent();
      let dropped = 0;
      let end = this.#end;
      for await (const { start, text } of linesBackwards(current, this.#end)) {
        const entry = parse(text) as T | null;
        if (entry !== null && !isObsolete(entry)) break;
        end = start;
        dropped++;
      }
      if (end === this.#end) return 0;
      await current.handle.truncate(end);
      await current.handle.datasync();
      current.lines -= dropped;
      this.#end = this.#written = end;
      return dropped;
    });
  }

  /**
   * Entries that match, newest first.
   * @throws {ValidationError | BackendUnavailableError}
   */
  async page(matches: (entry: T) => boolean, request: PageRequest): Promise<Page<T>> {
    const { limit, cursor } = checkPage(request);
    const segments = await this.#inTurn('read', () => this.#view());
    try {
      const items: T[] = [];
      let next = 0;
      for (const segment of segments) {
        const end = Math.min(segment.end, (cursor ?? Infinity) - segment.origin);
        for await (const { start, text } of linesBackwards(segment, end)) {
          const entry = parse(text) as T | null;
          if (entry === null || !matches(entry)) continue;
          if (items.length === limit) return { items, next: String(next) };
          items.push(entry);
          next = segment.origin + start;
        }
      }
      return { items, next: null };
    } catch (error) {
      throw unavailable('Cannot read', this.#pathOf(0), error);
    } finally {
      for (const { handle } of segments) await handle.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#inTurn('close', () => this.#drop());
  }

  #pathOf(age: number): string {
    return `${this.options.path}.${age === 0 ? '' : `${age}.`}jsonl`;
  }

  /** One thing at a time: files are renamed under those that write and those that open them to read. */
  #inTurn<R>(what: string, action: () => Promise<R>): Promise<R> {
    const turn = this.#turn.then(action).catch((error: unknown) => {
      throw unavailable(`Cannot ${what}`, this.#pathOf(0), error);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #write(entries: readonly T[]): Promise<void> {
    const { handle } = await this.#roomy();
    // Remains of an append that failed would else be taken for its own at the next start.
    if (this.#written > this.#end) await handle.truncate(this.#end);
    const data = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    this.#written = this.#end + data.length;
    this.#linesWritten = entries.length;
    await writeAt(handle, data, this.#end);
    if (this.options.durable) await handle.datasync();
  }

  /** The current file, after rotation if it is full. */
  async #roomy(): Promise<CurrentFile> {
    const current = await this.#openCurrent();
    if (this.#end < this.options.maxBytes && current.lines < this.options.maxLines) return current;
    // From the oldest on, so that at every moment each file has a name of its own.
    if (this.#written > this.#end) await current.handle.truncate(this.#end);
    await this.#drop();
    for (let age = this.options.keep; age > 0; age--) {
      await rename(this.#pathOf(age - 1), this.#pathOf(age)).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      });
    }
    return this.#openCurrent();
  }

  async #drop(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.handle.close();
  }

  async #openCurrent(): Promise<CurrentFile> {
    if (this.#current !== undefined) return this.#current;
    const path = this.#pathOf(0);
    const there = await open(path, 'r+').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    // Never 'a': its writes ignore the position they are given.
    const handle = there ?? (await open(path, 'wx+', 0o600));
    try {
      let { end, lines } = await wholeLines(handle);
      await handle.truncate(end);
      if (end === 0) {
        const header = Buffer.from(`${JSON.stringify({ format: 1, origin: await this.#endOfOlder() })}\n`);
        await writeAt(handle, header, 0);
        [end, lines] = [header.length, 1];
      }
      const { origin, bodyStart } = await headerOf(handle, end);
      if (this.options.durable) {
        await handle.datasync();
        if (there === null) await syncFolderOf(path);
      }
      this.#end = this.#written = end;
      this.#linesWritten = 0;
      return (this.#current = { handle, origin, bodyStart, lines: bodyStart > 0 ? lines - 1 : lines });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Place in the log where the newest of the older files ends. */
  async #endOfOlder(): Promise<number> {
    const older = await this.#openOlder(1);
    if (older === null) return 0;
    await older.handle.close();
    return older.origin + older.end;
  }

  /** All files as they are now, newest first, by handles of their own that no rotation touches. */
  async #view(): Promise<readonly Segment[]> {
    const { origin, bodyStart } = await this.#openCurrent();
    const segments: Segment[] = [{ handle: await open(this.#pathOf(0), 'r'), origin, bodyStart, end: this.#end }];
    try {
      for (let age = 1; age <= this.options.keep; age++) {
        const older = await this.#openOlder(age);
        if (older !== null) segments.push(older);
      }
      return segments;
    } catch (error) {
      for (const { handle } of segments) await handle.close().catch(() => undefined);
      throw error;
    }
  }

  async #openOlder(age: number): Promise<Segment | null> {
    const handle = await open(this.#pathOf(age), 'r').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (handle === null) return null;
    const { size } = await handle.stat();
    return { handle, end: size, ...(await headerOf(handle, size)) };
  }
}

/** What the first line says; a file without a first line of ours is taken for one from the very beginning. */
async function headerOf(handle: FileHandle, size: number): Promise<{ origin: number; bodyStart: number }> {
  const start = await readAt(handle, 0, Math.min(size, 256));
  const newline = start.indexOf(NEWLINE);
  const header: { readonly origin?: unknown } | null = newline < 0 ? null : parse(start.toString('utf8', 0, newline));
  return typeof header?.origin === 'number' ? { origin: header.origin, bodyStart: newline + 1 } : { origin: 0, bodyStart: 0 };
}

/** A line that was damaged by hand says nothing. */
function parse(text: string): object | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
