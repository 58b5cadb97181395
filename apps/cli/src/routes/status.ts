import type { RouteState, WaygateClient } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure } from '../terminal/failure.js';
import { pageFooter, pageOf } from '../command/pages.js';
import { blue, cyan, dim, green, red, yellow, type Text } from '../terminal/style.js';
import { minuteOf, relativeTo } from '../terminal/time.js';
import { parseRoute, routeKey, similarRoutes } from './route-key.js';

export async function status(cli: Cli, input: Input): Promise<void> {
  const client = await cli.client();
  const show = async () => {
    const routes = await wanted(cli, input, client);
    if (cli.out.json) cli.out.value(input.optionalArgument('route') === undefined ? routes : single(routes));
    else print(cli, input, routes);
  };
  if (!input.flag('watch')) return show();
  const { watchStatus } = await import('./watch-status.js');
  return watchStatus(
    cli,
    client,
    () => wanted(cli, input, client),
    (routes) => print(cli, input, routes),
  );
}

async function wanted(cli: Cli, input: Input, client: WaygateClient): Promise<readonly RouteState[]> {
  const service = input.option('service') ?? cli.settings.service;
  const tag = input.option('tag');
  const filter = { ...(service === undefined ? {} : { service }), ...(tag === undefined ? {} : { tag }) };
  const routes = (await client.routes.list(filter)).toSorted(byPath);
  const named = input.optionalArgument('route');
  if (named === undefined) return routes;
  const wantedRoute = parseRoute(named);
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

function single(routes: readonly RouteState[]): unknown {
  return routes.length === 1 ? routes[0] : routes;
}

function print(cli: Cli, input: Input, routes: readonly RouteState[]): void {
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
      { title: 'Window end' },
    ],
    page.rows.map((route) => [
      cyan(route.path),
      ...(unfiltered ? [route.service ?? '-'] : []),
      statusText(route.status),
      route.reason === '' ? '-' : route.reason,
      route.allowed_envs.length === 0 ? '-' : route.allowed_envs.join(', '),
      windowEnd(route, out.isTerminal),
    ]),
  );
  pageFooter(out, page);
}

function windowEnd({ window }: RouteState, relative: boolean): Text {
  if (window?.end == null) return '-';
  return relative ? `${minuteOf(window.end)} (${relativeTo(window.end)})` : minuteOf(window.end);
}

export function statusText(status: string): Text {
  const text = status.toUpperCase();
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
