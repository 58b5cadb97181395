import type {
  FlagView,
  Health,
  LimitScopeView,
  MaintenanceView,
  RouteStatus,
  RouteView,
  StaleFlag,
  UpcomingChange,
  WebhookView,
} from '@waygate/core';
import { GLOBAL_SCOPE, instantMs } from '@waygate/core';
import type { Instance } from '../admin/surface.js';
import type { Links } from '../ui/links.js';
import type { Tone } from '../ui/badge.js';
import { counted } from '../ui/figures.js';

type UnusualKind =
  | 'Store'
  | 'Global maintenance'
  | 'Service maintenance'
  | 'Maintenance'
  | 'Disabled'
  | 'Limit fires'
  | 'Limit'
  | 'Instance gone'
  | 'Instance stale'
  | 'Webhook';

/** Something that is not as it mostly is. */
export interface Unusual {
  readonly tone: Extract<Tone, 'warn' | 'bad' | 'info'>;
  readonly kind: UnusualKind;
  readonly what: string;
  readonly why: string;
  readonly href: string;
  /** When it ends by itself; `null` = it does not. */
  readonly until: string | null;
}

/** Something that will change by itself. */
export interface Upcoming {
  readonly at: string;
  readonly what: string;
  readonly change: string;
  readonly href: string;
}

/** A limit over everything (`null`) or over a service. */
interface ScopeLimit {
  readonly service: string | null;
  readonly view: LimitScopeView | null;
}

/** Everything an overview is made from, as far as its reader may see it. */
export interface Situation {
  readonly health: Health;
  /** Maintenance of everything and of services, on or scheduled. */
  readonly switches: readonly MaintenanceView[];
  readonly routes: readonly RouteView[];
  readonly scopeLimits: readonly ScopeLimit[];
  readonly flags: readonly FlagView[];
  readonly stale: readonly StaleFlag[];
  readonly webhooks: readonly WebhookView[];
  readonly instances: readonly Instance[];
  /** The revision instances should be at; `null` = the last change is so young that they may not have it yet. */
  readonly expectedRevision: number | null;
  readonly upcoming: readonly UpcomingChange[];
  /** How often each route was refused within the hour. */
  readonly refused: ReadonlyMap<string, number>;
  /** How often callers of each route were over a limit within the last {@link FIRING_MINUTES} minutes. */
  readonly firing: ReadonlyMap<string, number>;
}

/** How long ago a limit that fires may have refused somebody. */
export const FIRING_MINUTES = 10;

/** What is not normal now, the worst first. */
export function unusualIn(situation: Situation, links: Links): readonly Unusual[] {
  return [...unusual(situation, links)].toSorted((a, b) => RANK[a.tone] - RANK[b.tone]);
}

/** So many of a kind are named; where the others are is said. */
const MOST_OF_A_KIND = 5;

/** What is named of it: so much of each kind that nothing of one hides another, and beside it the list of all. */
export function namedOf(unusual: readonly Unusual[], links: Links): readonly NamedKind[] {
  return [...new Set(unusual.map(({ kind }) => kind))].map((kind) => {
    const all = unusual.filter((each) => each.kind === kind);
    return {
      kind,
      named: all.slice(0, MOST_OF_A_KIND),
      more: Math.max(0, all.length - MOST_OF_A_KIND),
      href: listOf(kind, links),
    };
  });
}

/** Something unusual of one kind. */
export interface NamedKind {
  readonly kind: UnusualKind;
  readonly named: readonly Unusual[];
  /** How many are not named. */
  readonly more: number;
  /** Where all are listed. */
  readonly href: string;
}

function listOf(kind: UnusualKind, links: Links): string {
  switch (kind) {
    case 'Disabled':
      return links.to('routes', { status: 'disabled' satisfies RouteStatus });
    case 'Maintenance':
      return links.to('routes', { status: 'maintenance' satisfies RouteStatus });
    case 'Limit fires':
      return links.to('blocked');
    case 'Limit':
      return links.to('rate-limits');
    case 'Webhook':
      return links.to('webhooks');
    case 'Store':
    case 'Global maintenance':
    case 'Service maintenance':
    case 'Instance gone':
    case 'Instance stale':
      return links.to('services');
  }
}

const RANK = { bad: 0, warn: 1, info: 2 } as const;

function* unusual(situation: Situation, links: Links): Iterable<Unusual> {
  const { health, switches, routes } = situation;
  if (health.status !== 'ready')
    yield {
      tone: 'bad',
      kind: 'Store',
      what: `The store is ${health.status}`,
      why: health.reason,
      href: links.to('settings'),
      until: null,
    };
  for (const { service, current } of switches) {
    if (current === null) continue;
    yield {
      tone: 'bad',
      kind: service === null ? 'Global maintenance' : 'Service maintenance',
      what: service ?? 'Everything',
      why: current.reason,
      href: service === null ? links.to('routes') : links.to('routes', { service }),
      until: current.until,
    };
  }
  for (const { key, effective } of routes) {
    const { status, blockedBy, reason, until } = effective;
    // What is down as a whole is named once, above.
    if (blockedBy === 'global' || blockedBy === 'service') continue;
    if (status === 'maintenance')
      yield { tone: 'warn', kind: 'Maintenance', what: key, why: reason, href: links.route(key), until };
    if (status === 'disabled') yield { tone: 'bad', kind: 'Disabled', what: key, why: reason, href: links.route(key), until };
  }
  yield* unusualLimits(situation, links);
  yield* unusualInstances(situation, links);
  yield* unusualWebhooks(situation, links);
}

function* unusualLimits({ scopeLimits, firing, routes }: Situation, links: Links): Iterable<Unusual> {
  const visible = new Set(routes.map(({ key }) => key));
  for (const [key, count] of [...firing].toSorted(([, a], [, b]) => b - a)) {
    if (!visible.has(key)) continue;
    const why = `${counted(count, 'request')} refused in the last ${FIRING_MINUTES} minutes`;
    yield { tone: 'warn', kind: 'Limit fires', what: key, why, href: links.to('blocked', { route: key }), until: null };
  }
  for (const { service, view } of scopeLimits) {
    if (view === null || view.enabled) continue;
    const what = service === null ? 'The limit over everything is paused' : `The limit over ${service} is paused`;
    yield { tone: 'info', kind: 'Limit', what, why: view.policy.limit, href: links.to('rate-limits'), until: view.expiresAt };
  }
}

function* unusualInstances({ instances, expectedRevision }: Situation, links: Links): Iterable<Unusual> {
  const href = links.to('services');
  for (const { id, service, revision, isConnected } of instances) {
    const what = service === null ? id : `${service} ${id}`;
    if (!isConnected) yield { tone: 'warn', kind: 'Instance gone', what, why: `last at r${revision}`, href, until: null };
    else if (expectedRevision !== null && revision < expectedRevision)
      yield {
        tone: 'warn',
        kind: 'Instance stale',
        what,
        why: `at r${revision} instead of r${expectedRevision}`,
        href,
        until: null,
      };
  }
}

function* unusualWebhooks({ webhooks }: Situation, links: Links): Iterable<Unusual> {
  for (const { key, dead, enabled, disabledReason } of webhooks) {
    if (dead > 0)
      yield {
        tone: 'warn',
        kind: 'Webhook',
        what: key,
        why: dead === 1 ? '1 delivery was given up' : `${dead} deliveries were given up`,
        href: links.webhook(key),
        until: null,
      };
    else if (!enabled)
      yield {
        tone: 'info',
        kind: 'Webhook',
        what: key,
        why: `Disabled. ${disabledReason}`,
        href: links.webhook(key),
        until: null,
      };
  }
}

/** What will change by itself, the next first. */
export function upcomingIn(situation: Situation, links: Links, now: number): readonly Upcoming[] {
  return [...upcoming(situation, links)]
    .filter(({ at }) => instantMs(at) > now)
    .toSorted((a, b) => instantMs(a.at) - instantMs(b.at));
}

const CHANGES: Readonly<Record<UpcomingChange['change'], string>> = {
  window_opened: 'a window opens',
  window_closed: 'a window closes',
  override_expired: 'the override ends',
  switch_back: 'switches back',
  scheduled_change: 'planned change',
  rollout_step: 'the rollout grows',
  rollout_end: 'the rollout ends',
};

function* upcoming({ upcoming: changes, routes }: Situation, links: Links): Iterable<Upcoming> {
  for (const { at, kind, key, change, reason } of changes) {
    const { what, href } = targetOf(kind, key, links);
    yield { at, what, change: reason === '' ? CHANGES[change] : `${CHANGES[change]}: ${reason}`, href };
  }
  for (const { key, deprecation } of routes)
    if (deprecation?.sunset != null) yield { at: deprecation.sunset, what: key, change: 'sunset', href: links.route(key) };
}

function targetOf(kind: UpcomingChange['kind'], key: string, links: Links): Pick<Upcoming, 'what' | 'href'> {
  switch (kind) {
    case 'flag':
      return { what: key, href: `${links.flag(key)}?tab=schedule` };
    case 'maintenance':
      return key === GLOBAL_SCOPE
        ? { what: 'Global maintenance', href: links.to('routes') }
        : { what: `Maintenance of ${key}`, href: links.to('routes', { service: key }) };
    case 'limit-scope':
      return { what: key === GLOBAL_SCOPE ? 'Limit over everything' : `Limit over ${key}`, href: links.to('rate-limits') };
    case 'rate-limit':
      return { what: `Limit of ${key}`, href: links.route(key) };
    default:
      return { what: key, href: links.route(key) };
  }
}
