import type { WaygateClient } from '@waygate/client';
import { untilOf } from '../command/expiry.js';
import type { Input } from '../command/input.js';
import { reasonOf } from '../command/reason-of.js';
import { parseRoute, routeKey } from '../routes/route-key.js';
import type { Cli } from '../command/cli.js';
import { dim, green, yellow } from '../terminal/style.js';
import { minuteOf } from '../terminal/time.js';
import { countingOf } from './counting-of.js';

export async function get(cli: Cli, input: Input): Promise<void> {
  const { out } = cli;
  const limit = await limitOf(await cli.client(), input).get();
  const { enabled, policy } = limit;
  out.value(limit);
  if (policy === null) {
    out.say`${dim(`No ${scope(input)} rate limit policy set${suffix(input)}.`)}`;
    return;
  }
  out.table(
    [{ title: 'Setting' }, { title: 'Value', flexible: true }],
    [
      ['Limit', policy.limit],
      ['State', enabled ? green('on') : yellow('paused')],
      ['Algorithm', policy.algorithm],
      ['Key', policy.key_strategy],
      ['Burst', String(policy.burst)],
      ['Exempt', policy.exempt_routes.length === 0 ? '-' : policy.exempt_routes.join(', ')],
      ...(policy.expires_at == null ? [] : [[enabled ? 'Goes away' : 'Resumes', minuteOf(policy.expires_at)]]),
    ],
  );
}

export async function set(cli: Cli, input: Input): Promise<void> {
  const policy = await limitOf(await cli.client(), input).set({
    limit: input.argument('limit'),
    exempt_routes: input.list('exempt').map((route) => routeKey(parseRoute(route))),
    ...countingOf(input),
  });
  const details = `${policy.limit} (${policy.algorithm}, key=${policy.key_strategy})`;
  cli.out.say`${green('✓')} ${title(input)} rate limit set${suffix(input)}: ${details}`;
  if (policy.exempt_routes.length > 0) cli.out.say`  Exempt: ${policy.exempt_routes.join(', ')}`;
  cli.out.value(policy);
}

export async function remove(cli: Cli, input: Input): Promise<void> {
  done(cli, input, 'policy removed', await limitOf(await cli.client(), input).delete());
}

export async function reset(cli: Cli, input: Input): Promise<void> {
  done(cli, input, 'counters reset', await limitOf(await cli.client(), input).reset());
}

export async function enable(cli: Cli, input: Input): Promise<void> {
  done(cli, input, 'resumed', await limitOf(await cli.client(), input).enable());
}

export async function disable(cli: Cli, input: Input): Promise<void> {
  const until = untilOf(input);
  const answer = await limitOf(await cli.client(), input).disable({ ...reasonOf(input), ...until?.expiry });
  done(cli, input, 'paused', answer);
  if (until !== null) cli.out.say`  Until: ${minuteOf(until.at)}`;
}

function done({ out }: Cli, input: Input, what: string, answer: unknown): void {
  out.say`${green('✓')} ${title(input)} rate limit ${what}${suffix(input)}.`;
  out.value(answer);
}

function limitOf(client: WaygateClient, input: Input) {
  const service = input.optionalArgument('service');
  return service === undefined ? client.rateLimits.global : client.rateLimits.forService(service);
}

function scope(input: Input): string {
  return input.optionalArgument('service') === undefined ? 'global' : 'service';
}

function title(input: Input): string {
  return scope(input) === 'global' ? 'Global' : 'Service';
}

function suffix(input: Input): string {
  const service = input.optionalArgument('service');
  return service === undefined ? '' : ` for ${service}`;
}
