import { ValidationError } from '../model/errors.js';
import type { RecordWrite } from '../schema/record.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { Snapshot } from './snapshot.js';

/** Routes, and as many limits of routes, that one service may have when it tells of them over the network. */
export const MOST_ROUTES_OF_SERVICE = 10_000;

const BOUNDED = ['route', 'rate-limit'] as const satisfies readonly RecordKind[];

/**
 * Keeps one service from filling the store, however many calls it makes.
 * @throws {ValidationError} when these writes would create more records of a service than it may have
 */
export function checkServiceBounds(snapshot: Snapshot, writes: readonly RecordWrite[]): void {
  for (const kind of BOUNDED) {
    const counts = new Map<string, number>();
    for (const write of writes) {
      if (write.kind !== kind || write.value === null || snapshot.get(kind, write.key) !== undefined) continue;
      const { service } = write.value;
      if (service !== null) counts.set(service, (counts.get(service) ?? 0) + 1);
    }
    // Mostly nothing is new, and nothing need be counted.
    if (counts.size === 0) continue;
    for (const { value } of snapshot.list(kind)) {
      const count = value.service === null ? undefined : counts.get(value.service);
      if (value.service !== null && count !== undefined) counts.set(value.service, count + 1);
    }
    for (const [service, count] of counts) {
      if (count <= MOST_ROUTES_OF_SERVICE) continue;
      const what = kind === 'route' ? 'routes' : 'limits of routes';
      throw new ValidationError(
        'routes',
        `would be more than a service may have: '${service}' would have ${count} ${what}, at most ${MOST_ROUTES_OF_SERVICE} are allowed`,
      );
    }
  }
}
