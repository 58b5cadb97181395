import * as v from 'valibot';
import { misfitOf, type Misfit, type Schema } from './check.js';
import { amount, bool, duration, list, members, moment, name, text } from './fields.js';

const MAX_ROUTES = 10_000;

/** An object that is checked as a whole when the change is planned. */
const nested = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);
const routeKey = text(2_048);
const routes = list(routeKey, MAX_ROUTES);
const service = v.optional(v.nullable(text()));
const recurrence = strict({ cron: text(), duration, timeZone: v.optional(text()) });
const edge = v.optional(v.nullable(moment));
const window = v.optional(v.nullable(strict({ start: edge, end: edge, recurrence: v.optional(v.nullable(recurrence)) })));

const expiry = { expiresIn: v.optional(duration), expiresAt: v.optional(moment) };
const plan = { start: v.optional(moment), end: v.optional(moment), recurrence: v.optional(recurrence) };
const exemptions = { exempt: v.optional(routes), includeForceActive: v.optional(bool) };
const caller = v.optional(text(512));

const route = { key: routeKey };
const scope = { service };
const flag = { key: name };
const segment = { key: name };
const webhook = { key: name };

/** The schema of each kind of change. Kinds and members are stable, as changes are stored and replayed. */
const CHANGE_SCHEMAS = {
  'route.enable': change('route.enable', { ...route, ...expiry }),
  'route.disable': change('route.disable', { ...route, ...expiry }),
  'route.maintenance': change('route.maintenance', { ...route, ...expiry, window }),
  'route.schedule': change('route.schedule', { ...route, ...plan }),
  'route.cancel-schedule': change('route.cancel-schedule', route),
  'route.set-environments': change('route.set-environments', { ...route, ...expiry, environments: list(text()) }),
  'route.clear': change('route.clear', route),
  'maintenance.enable': change('maintenance.enable', { ...scope, ...exemptions, ...expiry, window }),
  'maintenance.schedule': change('maintenance.schedule', { ...scope, ...exemptions, ...plan }),
  'maintenance.cancel-schedule': change('maintenance.cancel-schedule', scope),
  'maintenance.disable': change('maintenance.disable', scope),
  'maintenance.set-exempt': change('maintenance.set-exempt', { ...scope, exempt: routes }),
  'limit.set': change('limit.set', { ...route, ...expiry, rateLimit: nested }),
  'limit.clear': change('limit.clear', route),
  'limit.reset': change('limit.reset', { ...route, caller }),
  'limit-scope.set': change('limit-scope.set', { ...scope, ...expiry, rateLimit: nested, exemptRoutes: v.optional(routes) }),
  'limit-scope.clear': change('limit-scope.clear', scope),
  'limit-scope.reset': change('limit-scope.reset', { ...scope, caller }),
  'limit-scope.pause': change('limit-scope.pause', { ...scope, ...expiry }),
  'limit-scope.resume': change('limit-scope.resume', scope),
  'flag.create': change('flag.create', { flag: nested }),
  'flag.set': change('flag.set', { flag: nested }),
  'flag.update': change('flag.update', { ...flag, patch: nested }),
  'flag.delete': change('flag.delete', flag),
  'flag.enable': change('flag.enable', { ...flag, ...expiry }),
  'flag.disable': change('flag.disable', { ...flag, ...expiry }),
  'flag.archive': change('flag.archive', flag),
  'flag.restore': change('flag.restore', flag),
  'flag.schedule': change('flag.schedule', { ...flag, planned: nested }),
  'flag.cancel-schedule': change('flag.cancel-schedule', { ...flag, changeId: text() }),
  'flag.start-rollout': change('flag.start-rollout', { ...flag, rollout: nested }),
  'flag.pause-rollout': change('flag.pause-rollout', flag),
  'flag.resume-rollout': change('flag.resume-rollout', flag),
  'flag.stop-rollout': change('flag.stop-rollout', flag),
  'segment.create': change('segment.create', { segment: nested }),
  'segment.set': change('segment.set', { segment: nested }),
  'segment.delete': change('segment.delete', segment),
  'segment.include': change('segment.include', { ...segment, members }),
  'segment.exclude': change('segment.exclude', { ...segment, members }),
  'segment.forget': change('segment.forget', { ...segment, members }),
  'segment.set-rule': change('segment.set-rule', { ...segment, rule: nested }),
  'segment.delete-rule': change('segment.delete-rule', { ...segment, ruleId: text() }),
  'webhook.set': change('webhook.set', {
    url: text(4_096),
    name: v.optional(text()),
    events: v.optional(list(text())),
    formatter: v.optional(text()),
    description: v.optional(text(500)),
    secret: v.optional(text()),
    initialSecret: v.optional(text()),
  }),
  'webhook.update': change('webhook.update', { ...webhook, patch: nested }),
  'webhook.enable': change('webhook.enable', webhook),
  'webhook.disable': change('webhook.disable', webhook),
  'webhook.delete': change('webhook.delete', webhook),
  'webhook.rotate-secret': change('webhook.rotate-secret', { ...webhook, secret: text(), overlap: v.optional(duration) }),
} as const;

/** Every kind of change there is. */
export const CHANGE_KINDS: readonly string[] = Object.keys(CHANGE_SCHEMAS);

const SCHEMAS: ReadonlyMap<string, Schema> = new Map<string, Schema>(Object.entries(CHANGE_SCHEMAS));

/**
 * The first problem of a change from outside; `null` = its members fit. Unknown members are refused: a misspelled one must not be mistaken
 * for one that was left out. What the objects in it say is checked when it is planned.
 */
export function changeMisfit(value: unknown): Misfit | null {
  const misfit = misfitOf(v.looseObject({ kind: v.string('must be a kind of change') }, 'must be an object'), value);
  if (misfit !== null) return misfit;
  const { kind } = value as { readonly kind: string };
  const schema = SCHEMAS.get(kind);
  if (schema !== undefined) return misfitOf(schema, value);
  return { path: ['kind'], problem: `'${kind.slice(0, 64)}' is not a kind of change` };
}

function change<const E extends v.ObjectEntries>(kind: string, entries: E) {
  return strict({ kind: v.literal(kind), reason: v.optional(text(2_000)), expectedRevision: v.optional(amount), ...entries });
}

function strict<const E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, ({ expected }) =>
    expected === 'never' ? `is not known here. Use ${Object.keys(entries).join(', ')}` : 'must be an object',
  );
}
