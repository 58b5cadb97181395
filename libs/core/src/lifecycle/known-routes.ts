import { RouteNotFoundError } from '../model/errors.js';
import { parseRouteKey } from '../model/route-key.js';
import type { RouteRecord } from '../schema/route.js';
import type { Snapshot } from '../state/snapshot.js';
import type { LifecycleTable } from './lifecycle-table.js';
import { resolveRoute } from './resolve-route.js';

/** The routes that this process declares and those that the store knows. */
export class KnownRoutes {
  constructor(private readonly table: LifecycleTable) {}

  /**
   * The record key that a route key means.
   * @throws {RouteNotFoundError | AmbiguousRouteError | ValidationError}
   */
  resolve(key: string, snapshot: Snapshot): string {
    return resolveRoute(key, {
      service: this.table.service,
      has: (recordKey) => this.table.isDeclared(recordKey) || snapshot.get('route', recordKey) !== undefined,
      keys: () => this.keys(snapshot),
    });
  }

  /**
   * The record as this process sees it: its own code knows better than the store what is declared.
   * @throws {RouteNotFoundError}
   */
  current(recordKey: string, stored: RouteRecord | null): RouteRecord {
    const declared = this.table.find(recordKey)?.declared ?? stored?.declared;
    if (declared === undefined) throw new RouteNotFoundError(recordKey);
    const { declaredAt, override = null } = stored ?? {};
    const service = stored?.service ?? parseRouteKey(recordKey).service;
    return { service, declared, ...(declaredAt === undefined ? {} : { declaredAt }), override };
  }

  *keys(snapshot: Snapshot): IterableIterator<string> {
    for (const { key } of snapshot.list('route')) yield key;
    for (const { key } of this.table.handles()) if (snapshot.get('route', key) === undefined) yield key;
  }
}
