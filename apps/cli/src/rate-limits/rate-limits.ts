import type { RateLimitHit, RateLimitPolicy, WaygateClient } from '@waygate/client';
import type { Input } from '../command/input.js';
import { parseRoute, parseRouteUsage, routeKey } from '../routes/route-key.js';
import type { Cli } from '../command/cli.js';
import { serviceOf } from '../command/service-of.js';
import { pageFooter, pageNumbers, pageOf } from '../command/pages.js';
import { cyan, dim, green, yellow } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';
import { refreshes, untilInterrupted } from '../terminal/watch.js';
import { countingOf } from './counting-of.js';

const WATCH_MS = 1000;

export async function list(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const service = serviceOf(cli, input);
  const all = await (await cli.client()).rateLimits.list();
  const policies = service === undefined ? all : all.filter(({ path }) => parseRoute(path).service === service);
  out.value(policies);
  if (policies.length === 0) {
    out.say`${dim('No rate limits set.')}`;
    return;
  }
  const page = pageOf(input, policies);
  out.table(
    [
      { title: 'Route' },
      { title: 'Limit' },
      { title: 'Algorithm' },
      { title: 'Key' },
      { title: 'Burst' },
      { title: 'Tiers', flexible: true },
    ],
    page.rows.map((policy) => [
      cyan(`${policy.method} ${policy.path}${isNamed(policy) ? ` (${policy.name})` : ''}`),
      policy.mode === undefined || policy.mode === 'enforce' ? policy.limit : `${policy.limit} (${policy.mode})`,
      policy.algorithm,
      policy.key_strategy,
      String(policy.burst),
      policy.tiers.length === 0 ? '-' : policy.tiers.map((tier) => `${tier.name}=${tier.limit}`).join(', '),
    ]),
  );
  pageFooter(out, page);
}

export async function hits(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const client = await cli.client();
  const { number, size } = pageNumbers(input);
  const load = async (limit: number) => client.rateLimits.hits({ ...routeFilter(cli, input), limit });
  if (input.flag('watch')) return watchHits(cli, client, () => load(size));
  const rows = await load(number * size + 1);
  const page = pageOf(input, rows);
  out.value(page.rows);
  if (page.rows.length === 0) {
    if (number === 1) out.say`${dim('No blocked requests recorded.')}`;
    else out.say`No blocked requests on page ${number}.`;
    return;
  }
  out.table(
    [
      { title: 'Timestamp' },
      { title: 'Route' },
      { title: 'Key', flexible: true },
      { title: 'Limit' },
      { title: 'Tier' },
      { title: 'Reset at' },
    ],
    page.rows.map((hit) => [
      out.isTerminal ? relativeTo(hit.timestamp) : secondOf(hit.timestamp),
      cyan(`${hit.method} ${hit.path}`),
      hit.key,
      hit.limit,
      hit.tier ?? '-',
      secondOf(hit.reset_at),
    ]),
  );
  pageFooter(out, page);
}

export async function set(cli: Cli, input: Input): Promise<void> {
  const route = parseRouteUsage(input.argument('route'), serviceOf(cli, input));
  const method = route.method ?? 'GET';
  const name = input.option('name');
  const policy = await (
    await cli.client()
  ).rateLimits.set({
    path: routeKey({ ...route, method: null }),
    method,
    limit: input.argument('limit'),
    ...countingOf(input),
    ...(name === undefined ? {} : { name }),
  });
  cli.out
    .say`${green('✓')} Rate limit set: ${policy.method} ${policy.path} → ${policy.limit} (${policy.algorithm}, key=${policy.key_strategy})`;
  cli.out.value(policy);
}

export async function reset(cli: Cli, input: Input): Promise<void> {
  const route = parseRouteUsage(input.argument('route'), serviceOf(cli, input));
  const path = routeKey({ ...route, method: null });
  const answer = await (await cli.client()).rateLimits.reset(path, route.method ?? undefined);
  cli.out.say`${green('✓')} Rate limit counters reset for ${route.method === null ? path : `${route.method} ${path}`}`;
  cli.out.value(answer);
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  const route = parseRouteUsage(input.argument('route'), serviceOf(cli, input));
  const method = route.method ?? 'GET';
  const path = routeKey({ ...route, method: null });
  const answer = await (await cli.client()).rateLimits.delete(method, path);
  cli.out.say`${green('✓')} Rate limit policy deleted: ${method} ${path}`;
  cli.out.value(answer);
}

/** Whether it is one of several limits of its route. */
function isNamed({ name = 'default' }: RateLimitPolicy): boolean {
  return name !== 'default';
}

function routeFilter(cli: Cli, input: Input): { readonly route?: string } {
  const route = input.option('route');
  return route === undefined ? {} : { route: routeKey(parseRouteUsage(route, serviceOf(cli, input))) };
}

/** Only what is new is written, the oldest first. */
async function watchHits({ out }: Cli, client: WaygateClient, load: () => Promise<readonly RateLimitHit[]>): Promise<void> {
  const seen = new Set<string>();
  for await (const _ of refreshes(client, WATCH_MS, untilInterrupted(), { onChange: false })) {
    const latest = await load();
    for (const hit of latest.filter(({ id }) => !seen.has(id)).toReversed()) {
      out.record(hit);
      out.say`${secondOf(hit.timestamp)}  ${yellow(`${hit.method} ${hit.path}`)}  ${hit.key}  ${hit.limit}`;
    }
    for (const { id } of latest) seen.add(id);
    out.flush();
  }
}
