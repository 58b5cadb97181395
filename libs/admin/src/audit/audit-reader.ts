import { Injectable } from '@nestjs/common';
import { toInstant, WaygateEngine, type AuditAction, type AuditFilter, type RecordedAuditEntry } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { recordsNamed, type NamedRecords } from './record-name.js';

export interface AuditPage {
  readonly items: readonly RecordedAuditEntry[];
  readonly next: string | null;
}

/** Filters of a query, as the engine and the wire see them. */
export interface AuditSelection {
  readonly filter: AuditFilter;
  /** `null` = all. */
  readonly records: NamedRecords | null;
}

const MOST_PER_READ = 1_000;

/** Reads the audit log as far as somebody may see it. */
@Injectable()
export class AuditReader {
  constructor(private readonly engine: WaygateEngine) {}

  /** @throws {ValidationError} for dates that are none */
  selectionOf(request: AdminRequest): AuditSelection {
    const text = (name: string) => queryOf(request, name);
    const [route, service, actor, action] = [text('route'), text('service'), text('actor'), text('action')];
    const records = route === null ? null : recordsNamed(route);
    const [since, until] = [text('since'), text('until')];
    const filter: AuditFilter = {
      ...(records === null ? {} : { key: records.key }),
      ...(service === null ? {} : { service }),
      ...(actor === null ? {} : { actor }),
      ...(action === null ? {} : { action: action as AuditAction }),
      ...(since === null ? {} : { since: toInstant(since, 'since') }),
      ...(until === null ? {} : { until: toInstant(until, 'until') }),
    };
    return { filter, records };
  }

  /** The page that a query asks for. @throws {ValidationError} for dates that are none */
  requested(request: AdminRequest, who: Principal): Promise<AuditPage> {
    const text = queryOf(request, 'limit') ?? '';
    const limit = /^\d{1,4}$/.test(text) && Number(text) >= 1 ? Math.min(1_000, Number(text)) : 50;
    return this.page(who, this.selectionOf(request), limit, queryOf(request, 'cursor'));
  }

  /** One page, newest first. @param limit 1 to 1000 */
  async page(who: Principal, selection: AuditSelection, limit: number, cursor: string | null): Promise<AuditPage> {
    const filter = who.services?.length === 1 ? { service: who.services[0] as string, ...selection.filter } : selection.filter;
    const items: RecordedAuditEntry[] = [];
    let next = cursor;
    do {
      // No more than is wanted is read: so the cursor never skips an entry that was read but not given.
      const query = { ...filter, limit: limit - items.length, ...(next === null ? {} : { cursor: next }) };
      const page = await this.engine.audit.list(query);
      items.push(...page.items.filter((entry) => this.#isVisible(who, selection, entry)));
      next = page.next;
    } while (items.length < limit && next !== null);
    return { items, next };
  }

  /** Everything that matches, newest first, read as it is asked for. */
  async *all(who: Principal, selection: AuditSelection): AsyncIterableIterator<RecordedAuditEntry> {
    let cursor: string | null = null;
    do {
      const page: AuditPage = await this.page(who, selection, MOST_PER_READ, cursor);
      yield* page.items;
      cursor = page.next;
    } while (cursor !== null);
  }

  #isVisible(who: Principal, { records }: AuditSelection, entry: RecordedAuditEntry): boolean {
    return (records === null || records.has(entry)) && who.covers(entry.service);
  }
}
