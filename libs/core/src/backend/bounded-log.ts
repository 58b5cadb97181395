import type { AuditFilter, RecordedAuditEntry } from '../schema/audit.js';
import { ValidationError } from '../model/errors.js';
import type { HitFilter, RateLimitHit } from '../schema/rate-limit.js';
import type { Page, PageRequest } from '../schema/record.js';

/** A list that forgets its oldest entries, and is read newest first by pages that do not shift while it grows. */
export class BoundedLog<T> {
  readonly #ring: T[] = [];
  /** How many entries were ever appended; entry n lies at n modulo the capacity. */
  #appended = 0;

  constructor(private readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new ValidationError('capacity', 'must be a whole number of at least 1');
  }

  append(entry: T): void {
    this.#ring[this.#appended % this.capacity] = entry;
    this.#appended++;
  }

  /** @throws {ValidationError} for a limit outside 1 to 1000 or a cursor that is not ours */
  page(matches: (entry: T) => boolean, request: PageRequest): Page<T> {
    const { limit, cursor } = checkPage(request);
    const oldest = Math.max(0, this.#appended - this.capacity);
    const items: T[] = [];
    for (let at = Math.min(cursor ?? this.#appended, this.#appended) - 1; at >= oldest; at--) {
      const entry = this.#ring[at % this.capacity] as T;
      if (!matches(entry)) continue;
      if (items.length === limit) return { items, next: String(at + 1) };
      items.push(entry);
    }
    return { items, next: null };
  }
}

/** Reads a page request whose cursor is a sequence number. */
export function checkPage({ limit, cursor }: PageRequest): { limit: number; cursor: number | null } {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new ValidationError('limit', 'must be a whole number from 1 to 1000');
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    throw new ValidationError('cursor', "must be the 'next' of an earlier page");
  return { limit, cursor: cursor === undefined ? null : Number(cursor) };
}

export function matchesAudit(entry: RecordedAuditEntry, filter: AuditFilter): boolean {
  return (
    (filter.key === undefined || entry.key === filter.key) &&
    (filter.kind === undefined || entry.kind === filter.kind) &&
    (filter.revision === undefined || entry.revision === filter.revision) &&
    (filter.service === undefined || entry.service === filter.service) &&
    (filter.actor === undefined || entry.actor === filter.actor) &&
    (filter.action === undefined || entry.action === filter.action) &&
    (filter.since === undefined || entry.at >= filter.since) &&
    (filter.until === undefined || entry.at < filter.until)
  );
}

export function matchesHit(hit: RateLimitHit, filter: HitFilter): boolean {
  return (
    (filter.route === undefined || hit.route === filter.route) &&
    (filter.caller === undefined || hit.caller === filter.caller) &&
    (filter.since === undefined || hit.at >= filter.since)
  );
}
