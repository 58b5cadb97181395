import type {
  FlagView,
  Health,
  LimitScopeView,
  MaintenanceView,
  RateLimitView,
  RouteView,
  StaleFlag,
  WebhookView,
} from '@waygate/core';
import { instantMs } from '@waygate/core';
import type { Links } from '../page/links.js';
import type { Tone } from '../ui/badge.js';

/** Something that is not as it mostly is. */
export interface Unusual {
  readonly tone: Extract<Tone, 'warn' | 'bad' | 'info'>;
  readonly kind: string;
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

/** Everything an overview is made from. */
export interface Situation {
  readonly health: Health;
  readonly global: MaintenanceView;
  readonly services: readonly { readonly service: string; readonly view: MaintenanceView }[];
  readonly routes: readonly RouteView[];
  readonly limits: readonly RateLimitView[];
  readonly globalLimit: LimitScopeView | null;
  readonly flags: readonly FlagView[];
  readonly stale: readonly StaleFlag[];
  readonly webhooks: readonly WebhookView[];
  /** How often each route was refused within the hour. */
  readonly refused: ReadonlyMap<string, number>;
}

/** What is not normal now, the worst first. */
export function unusualIn(situation: Situation, links: Links): readonly Unusual[] {
  return [...unusual(situation, links)].toSorted((a, b) => RANK[a.tone] - RANK[b.tone]);
}

const RANK = { bad: 0, warn: 1, info: 2 } as const;

function* unusual({ health, global, services, routes, globalLimit, webhooks }: Situation, links: Links): Iterable<Unusual> {
  if (health.status !== 'ready')
    yield {
      tone: 'bad',
      kind: 'Store',
      what: `The store is ${health.status}`,
      why: health.reason,
      href: links.to('settings'),
      until: null,
    };
  if (global.inForce)
    yield {
      tone: 'bad',
      kind: 'Global maintenance',
      what: 'Everything is down',
      why: global.reason,
      href: links.to('routes'),
      until: global.until,
    };
  for (const { service, view } of services) {
    if (view.inForce)
      yield {
        tone: 'bad',
        kind: 'Service maintenance',
        what: service,
        why: view.reason,
        href: links.to('routes', { service }),
        until: view.until,
      };
  }
  for (const { key, status, reason, until } of routes) {
    if (status === 'maintenance')
      yield { tone: 'warn', kind: 'Maintenance', what: key, why: reason, href: links.route(key), until };
    if (status === 'disabled') yield { tone: 'bad', kind: 'Disabled', what: key, why: reason, href: links.route(key), until };
  }
  if (globalLimit !== null && !globalLimit.enabled)
    yield {
      tone: 'info',
      kind: 'Limit',
      what: 'The global limit is paused',
      why: '',
      href: links.to('rate-limits'),
      until: globalLimit.expiresAt,
    };
  for (const { key, dead, enabled, disabledReason } of webhooks) {
    if (dead > 0)
      yield {
        tone: 'warn',
        kind: 'Webhook',
        what: key,
        why: `${dead} deliveries were given up`,
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

function* upcoming({ global, services, routes, limits, flags }: Situation, links: Links): Iterable<Upcoming> {
  const switches = [{ name: 'Everything', view: global }, ...services.map(({ service, view }) => ({ name: service, view }))];
  for (const { name, view } of switches) {
    const at = view.inForce ? view.until : view.enabled ? (view.window?.start ?? null) : null;
    if (at !== null)
      yield { at, what: name, change: view.inForce ? 'maintenance ends' : 'maintenance begins', href: links.to('routes') };
  }
  for (const { key, nextChange, state, deprecation } of routes) {
    if (nextChange !== null)
      yield {
        at: nextChange,
        what: key,
        change: state === 'active' ? 'a window opens' : `${state.replace('_', ' ')} ends`,
        href: links.route(key),
      };
    if (deprecation?.sunset != null) yield { at: deprecation.sunset, what: key, change: 'sunset', href: links.route(key) };
  }
  for (const { key, until } of limits)
    if (until !== null) yield { at: until, what: key, change: 'the override of its limit ends', href: links.to('rate-limits') };
  for (const { key, scheduledChanges, switchBackAt, enabled } of flags) {
    if (switchBackAt !== null)
      yield { at: switchBackAt, what: key, change: enabled ? 'switches off again' : 'switches on again', href: links.flag(key) };
    for (const { executeAt, action } of scheduledChanges)
      yield { at: executeAt, what: key, change: action.replaceAll('_', ' '), href: `${links.flag(key)}?tab=schedule` };
  }
}
