import { ValidationError, type Page, type PageRequest } from '@waygate/core';
import type { StreamEntry } from './wire.js';

export interface StreamPageOptions<T> {
  readonly request: PageRequest;
  /** Entries fetched at a time. */
  readonly chunk: number;
  /** Entries from an id (`+` = the newest) backward, that one included. */
  readonly fetch: (from: string, count: number) => Promise<readonly StreamEntry[]>;
  readonly read: (entry: StreamEntry) => T;
  readonly matches: (entry: T) => boolean;
}

/**
 * A page of a stream, newest first. The cursor is the id of the last entry given, so pages do not shift while the stream grows.
 * @throws {ValidationError} for a cursor that is not ours
 */
export async function pageOf<T>({ request, chunk, fetch, read, matches }: StreamPageOptions<T>): Promise<Page<T>> {
  let from = request.cursor === undefined ? '+' : before(request.cursor);
  let last = '';
  const items: T[] = [];
  while (from !== null) {
    const entries = await fetch(from, chunk);
    for (const entry of entries) {
      const item = read(entry);
      if (!matches(item)) continue;
      if (items.length === request.limit) return { items, next: last };
      items.push(item);
      last = entry[0];
    }
    const oldest = entries.at(-1);
    from = oldest === undefined || entries.length < chunk ? null : before(oldest[0]);
  }
  return { items, next: null };
}

/** The greatest id below one; `null` = there is none. */
function before(id: string): string | null {
  const [, ms, sequence] = /^(\d{1,15})-(\d{1,15})$/.exec(id) ?? [];
  if (ms === undefined || sequence === undefined) throw new ValidationError('cursor', "must be the 'next' of an earlier page");
  if (sequence !== '0') return `${ms}-${Number(sequence) - 1}`;
  // Without a sequence Redis takes the last of that millisecond.
  return ms === '0' ? null : String(Number(ms) - 1);
}
