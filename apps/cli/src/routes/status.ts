import type { EffectiveState, MaintenanceConfig, RouteState, WaygateClient } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure } from '../terminal/failure.js';
import { pageFooter, pageOf } from '../command/pages.js';
import { blue, cyan, dim, green, red, yellow, type Text } from '../terminal/style.js';
import type { Output } from '../terminal/output.js';
import { minuteOf, relativeTo } from '../terminal/time.js';
import { maintenanceInEffect, withEffective, type Shown, type ShownRoute } from './effective.js';
import { parseRoute, routeKey, similarRoutes } from './route-key.js';

export async function status(cli: Cli, input: Input): Promise<void> {
  const client = await cli.client();
  if (input.flag('watch')) {
    const { watchStatus } = await import('./watch-status.js');
    const print = ({ routes, down }: Shown) => printAll(cli, input, routes, down);
    return watchStatus({ cli, client, load: () => load(cli, input, client), print });
  }
  const { routes, down } = await load(cli, input, client);
  if (cli.out.json) cli.out.value(input.optionalArgument('route') === undefined ? routes : single(routes));
  else printAll(cli, input, routes, down);
}

async function load(cli: Cli, input: Input, client: WaygateClient): Promise<Shown> {
  const [routes, down] = await Promise.all([wanted(cli, input, client), maintenanceInEffect(client)]);
  return { routes: routes.map((route) => withEffective(route, down)), down };
}

function printAll(cli: Cli, input: Input, routes: readonly ShownRoute[], down: readonly MaintenanceConfig[]): void {
  const service = input.option('service') ?? cli.settings.service;
  for (const maintenance of down)
    if (service === undefined || maintenance.service == null || maintenance.service === service) sayBanner(cli.out, maintenance);
  print(cli, input, routes);
}

/** Says what is down as a whole: why, since when, until when, by whom, and what stays up. */
function sayBanner(out: Output, maintenance: MaintenanceConfig): void {
  const { service, reason, since, until, set_by: by, exempt_paths: exempt, include_force_active: all } = maintenance;
  const at = momentOf(out);
  const what = service == null ? 'EVERYTHING IS IN MAINTENANCE' : `${service} IS IN MAINTENANCE`;
  const facts = [
    ...(since == null ? [] : [`since ${at(since)}`]),
    until == null ? 'until it is ended' : `until ${at(until)}`,
    ...(by == null ? [] : [`by ${by}`]),
    `exempt: ${exempt.length === 0 ? 'nothing' : exempt.join(', ')}${all ? '' : ' and force-active routes'}`,
  ];
  out.say`${red(`! ${what}${reason === '' ? '' : `: ${reason}`}`)}`;
  out.say`  ${facts.join(' · ')}`;
}

const momentOf = (out: Output) => (instant: string) =>
  out.isTerminal ? `${minuteOf(instant)} (${relativeTo(instant)})` : minuteOf(instant);

async function wanted(cli: Cli, input: Input, client: WaygateClient): Promise<readonly RouteState[]> {
  const service = input.option('service') ?? cli.settings.service;
  const tag = input.option('tag');
  const filter = { ...(service === undefined ? {} : { service }), ...(tag === undefined ? {} : { tag }) };
  const routes = (await client.routes.list(filter)).toSorted(byPath);
  const named = input.optionalArgument('route');
  if (named === undefined) return routes;
  const wantedRoute = parseRoute(named, service);
  const found = routes.filter(({ path }) => {
    const route = parseRoute(path);
    return (
      route.path === wantedRoute.path &&
      (wantedRoute.method === null || wantedRoute.method === route.method) &&
      (wantedRoute.service === null || wantedRoute.service === route.service)
    );
  });
  if (found.length > 0) return found;
  const key = routeKey(wantedRoute);
  throw new CliFailure(
    `Route '${key}' is not registered. Use 'waygate status' to see all registered routes.`,
    undefined,
    similarRoutes(key, routes),
  );
}

function single(routes: readonly ShownRoute[]): unknown {
  return routes.length === 1 ? routes[0] : routes;
}

function print(cli: Cli, input: Input, routes: readonly ShownRoute[]): void {
  const { out } = cli;
  if (routes.length === 0) {
    out.say`${dim('No routes registered.')}`;
    return;
  }
  const page = pageOf(input, routes);
  if (page.rows.length === 0) {
    out.say`No routes on page ${page.number}.`;
    return;
  }
  const unfiltered = input.option('service') === undefined && cli.settings.service === undefined;
  out.table(
    [
      { title: 'Route' },
      ...(unfiltered ? [{ title: 'Service' }] : []),
      { title: 'Status' },
      { title: 'Reason', flexible: true },
      { title: 'Envs' },
      { title: 'Until' },
    ],
    page.rows.map((route) => [
      cyan(route.path),
      ...(unfiltered ? [route.service ?? '-'] : []),
      effectiveText(route.effective),
      route.effective.reason === '' ? '-' : route.effective.reason,
      route.allowed_envs.length === 0 ? '-' : route.allowed_envs.join(', '),
      untilOf(route, momentOf(out)),
    ]),
  );
  pageFooter(out, page);
}

function untilOf({ effective: { until, next }, window }: ShownRoute, at: (instant: string) => string): Text {
  if (until !== null) return at(until);
  if (next !== null) return `${next.status} ${at(next.at)}`;
  return window?.end == null ? '-' : at(window.end);
}

/** The status that applies, and what decides it where that is not the route itself. */
export function effectiveText({ status, blocked_by: blockedBy }: EffectiveState): Text {
  return statusText(status, blockedBy === null || blockedBy === 'route' ? '' : ` (${blockedBy})`);
}

export function statusText(status: string, note = ''): Text {
  const text = `${status.toUpperCase()}${note}`;
  switch (status) {
    case 'active':
      return green(text);
    case 'maintenance':
      return yellow(text);
    case 'disabled':
      return red(text);
    case 'env_gated':
      return blue(text);
    default:
      return dim(text);
  }
}

/** By service, then path, so that the methods of a path stand together. */
function byPath(a: RouteState, b: RouteState): number {
  return compare(a.service ?? '', b.service ?? '') || compare(pathOf(a), pathOf(b)) || compare(a.path, b.path);
}

function pathOf({ path }: RouteState): string {
  return path.slice(path.indexOf('/'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
