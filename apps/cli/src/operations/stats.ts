import type { RouteTraffic } from '@waygate/client';
import { parseRoute, routeKey } from '../routes/route-key.js';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { cyan, dim, red, yellow } from '../terminal/style.js';

export async function stats({ out, client }: Cli, input: Input): Promise<void> {
  const named = input.optionalArgument('route');
  const route = named === undefined ? {} : { route: routeKey(parseRoute(named)) };
  const figures = await (await client()).operations.stats({ ...route, minutes: input.number('minutes', 1) });
  out.value(figures);
  if (figures.routes.length === 0) {
    out.say`${dim('No requests counted.')}`;
    return;
  }
  out.table(
    [
      { title: 'Route', flexible: true },
      { title: 'Requests' },
      { title: '4xx' },
      { title: '5xx' },
      { title: 'Blocked' },
      { title: 'p50' },
      { title: 'p95' },
    ],
    figures.routes.map((traffic) => [
      cyan(traffic.path ?? '(other)'),
      String(traffic.requests),
      String(traffic.client_errors),
      traffic.server_errors === 0 ? '0' : red(String(traffic.server_errors)),
      blockedText(traffic),
      milliseconds(traffic.p50_ms),
      milliseconds(traffic.p95_ms),
    ]),
  );
  out.say`${dim(`The last ${figures.minutes} min of the process that answered`)}`;
}

function blockedText({ blocked, shadowed }: RouteTraffic) {
  const text = shadowed === 0 ? String(blocked) : `${blocked} (+${shadowed} in shadow)`;
  return blocked === 0 ? text : yellow(text);
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
