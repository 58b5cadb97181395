import type { Api } from '../http/api.js';
import type { AppliedChanges, ChangeInput, ChangesPreview } from '../wire/changes.js';

/** Members whose names are data, not words of the API. */
const DATA = new Set(['targets', 'value', 'values']);

/** Several changes as one commit. */
export class ChangesResource {
  constructor(private readonly api: Api) {}

  /**
   * Makes at most 1,000 changes, all or none of them, as one revision that one revert takes back. With `dryRun`, changes nothing and says
   * what they would do.
   * @throws {ApiError} 400 naming the change and the field, e.g. `changes[2].rate_limit.limit`
   * @throws {NotFoundError} for a change of something that does not exist; its body's `change` is the position
   * @throws {ConflictError} when records are not at the revision expected; its body's `conflicts` lists all of them
   * @example
   * const { revision } = await waygate.changes.apply(
   *   [
   *     { kind: 'route.disable', key: 'GET:/payments' },
   *     { kind: 'limit.set', key: 'GET:/orders', rateLimit: { limit: '10/minute' }, expiresIn: '2h' },
   *   ],
   *   { reason: 'incident 42' },
   * );
   */
  apply(changes: readonly ChangeInput[], options: { readonly dryRun: true; readonly reason?: string }): Promise<ChangesPreview>;
  apply(
    changes: readonly ChangeInput[],
    options?: { readonly dryRun?: false; readonly reason?: string },
  ): Promise<AppliedChanges>;
  apply(
    changes: readonly ChangeInput[],
    { dryRun, reason }: { readonly dryRun?: boolean; readonly reason?: string } = {},
  ): Promise<AppliedChanges | ChangesPreview> {
    return this.api.post('/api/changes', { changes: changes.map(onWire), reason, dry_run: dryRun });
  }
}

/** The same with names in snake case, as they stand on the wire. */
function onWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(onWire);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [wireName(name, value), DATA.has(name) ? member : onWire(member)]),
  );
}

/** In a rate limit, `key` names how callers are told apart. */
function wireName(name: string, owner: object): string {
  if (name === 'key' && 'limit' in owner) return 'key_strategy';
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
