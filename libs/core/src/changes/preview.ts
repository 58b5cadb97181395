import { isDeepStrictEqual } from 'node:util';
import { differences, type Difference } from '../audit/difference.js';
import type { EffectiveState } from '../lifecycle/effective-state.js';
import { SnapshotStates } from '../lifecycle/snapshot-states.js';
import type { KnownRoutes } from '../lifecycle/known-routes.js';
import type { ChangeConflict } from '../model/errors.js';
import { GLOBAL_SCOPE } from '../schema/maintenance.js';
import type { RecordKind } from '../model/vocabulary.js';
import { parseRouteKey } from '../model/route-key.js';
import type { PlannedRecord, PlannedSet } from '../planning/plan-set.js';

/** What changes would make of one record. */
export interface PreviewedRecord {
  readonly kind: RecordKind;
  readonly key: string;
  /** The value now and afterwards, without secrets; `null` = the record does not exist. */
  readonly before: unknown;
  readonly after: unknown;
  readonly differences: readonly Difference[];
  /** Positions of the changes that do it, ascending. */
  readonly changes: readonly number[];
}

/** A handler that would be in another state. */
export interface PreviewedHandler {
  readonly key: string;
  readonly before: EffectiveState;
  readonly after: EffectiveState;
}

/** Something that the operator may not expect. */
export interface ChangeWarning {
  /**
   * - `no_effect`: the change changes nothing; everything is as it says already
   * - `not_in_effect`: the handler stays in its current state for now, e.g. until a window opens or a maintenance ends
   * - `force_active`: force-active handlers stay up
   */
  readonly code: 'no_effect' | 'not_in_effect' | 'force_active';
  /** Positions of the changes concerned, ascending. */
  readonly changes: readonly number[];
  /** Keys of the handlers concerned. */
  readonly handlers: readonly string[];
  readonly message: string;
}

export interface ChangePreview {
  /** The revision that the preview is based on. */
  readonly revision: number;
  readonly records: readonly PreviewedRecord[];
  /** Handlers whose effective state would change, sorted by key. */
  readonly handlers: readonly PreviewedHandler[];
  /** Changes that expect another revision. `apply` is refused while there are any. */
  readonly conflicts: readonly ChangeConflict[];
  readonly warnings: readonly ChangeWarning[];
}

export interface PreviewSource {
  readonly routes: KnownRoutes;
  readonly environment: string;
  /** Epoch ms. */
  readonly now: number;
}

/** What a planned set would do to records and handlers. */
export function previewOf(planned: PlannedSet, conflicts: readonly ChangeConflict[], source: PreviewSource): ChangePreview {
  const { base, after, records, unchanged } = planned;
  const states = {
    before: new SnapshotStates(base, source.environment, source.now),
    after: new SnapshotStates(after, source.environment, source.now),
  };
  const handlers: PreviewedHandler[] = [];
  const warnings: ChangeWarning[] = unchanged.map((index) => ({
    code: 'no_effect',
    changes: [index],
    handlers: [],
    message: `changes[${index}] changes nothing: everything is as it says already.`,
  }));
  const concerned = handlersOf(records, planned, source.routes);
  const waiting = new Map(records.filter(({ kind }) => kind === 'route').map((record) => [record.key, record]));
  for (const key of [...concerned].toSorted()) {
    const before = states.before.of(key, source.routes.current(key, base.get('route', key)?.value ?? null));
    const next = states.after.of(key, source.routes.current(key, after.get('route', key)?.value ?? null));
    if (!isSame(before, next)) {
      handlers.push({ key, before, after: next });
      continue;
    }
    const record = waiting.get(key);
    if (record === undefined) continue;
    const message = `${key} stays as it is for now (${before.status}).`;
    warnings.push({ code: 'not_in_effect', changes: record.plans, handlers: [key], message });
  }
  warnings.push(...records.flatMap((record) => stayingUp(record, concerned, planned, source.routes)));
  return {
    revision: base.revision,
    records: records.map(({ kind, key, before, after: next, plans }) => {
      return { kind, key, before, after: next, differences: differences(before, next), changes: plans };
    }),
    handlers,
    conflicts,
    warnings,
  };
}

function isSame(before: EffectiveState, after: EffectiveState): boolean {
  const answer = ({ status, blockedBy, reason, until }: EffectiveState) => ({ status, blockedBy, reason, until });
  return isDeepStrictEqual(answer(before), answer(after));
}

/** Keys of the handlers whose lifecycle the records decide about. */
function handlersOf(records: readonly PlannedRecord[], { after }: PlannedSet, routes: KnownRoutes): ReadonlySet<string> {
  const keys = new Set(records.filter(({ kind }) => kind === 'route').map(({ key }) => key));
  const scopes = new Set(records.filter(({ kind }) => kind === 'maintenance').map(({ key }) => key));
  if (scopes.size > 0)
    for (const key of routes.keys(after))
      if (scopes.has(GLOBAL_SCOPE) || scopes.has(parseRouteKey(key).service ?? GLOBAL_SCOPE)) keys.add(key);
  return keys;
}

/** Says which handlers a maintenance does not take down. */
function stayingUp(
  { kind, key: scope, plans }: PlannedRecord,
  concerned: ReadonlySet<string>,
  { after }: PlannedSet,
  routes: KnownRoutes,
): readonly ChangeWarning[] {
  if (kind !== 'maintenance') return [];
  const maintenance = after.get('maintenance', scope)?.value;
  if (maintenance?.enabled !== true || maintenance.includeForceActive) return [];
  const handlers = [...concerned]
    .filter((key) => scope === GLOBAL_SCOPE || parseRouteKey(key).service === scope)
    .filter((key) => routes.current(key, after.get('route', key)?.value ?? null).declared.forceActive)
    .toSorted();
  if (handlers.length === 0) return [];
  const message = `${handlers.length} force-active ${handlers.length === 1 ? 'handler stays' : 'handlers stay'} up.`;
  return [{ code: 'force_active', changes: plans, handlers, message }];
}
