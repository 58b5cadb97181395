import type { RouteState } from '@waygate/client';
import { untilOf } from '../command/expiry.js';
import type { Input } from '../command/input.js';
import { planOf, tellPlan, windowOf } from '../command/plan.js';
import { reasonOf } from '../command/reason-of.js';
import type { Cli } from '../command/cli.js';
import { UsageFailure } from '../terminal/failure.js';
import { blue, dim, green, red, yellow } from '../terminal/style.js';
import { minuteOf } from '../terminal/time.js';
import { changeRoute } from './change-route.js';

export function enable(cli: Cli, input: Input): Promise<void> {
  const until = untilOf(input);
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.enable(key, { ...reasonOf(input), ...until?.expiry }),
    (route) => {
      told(cli, route, () => cli.out.say`${green('✓')} ${route.path} → ${green('ACTIVE')}`);
      if (until !== null) cli.out.say`  Until: ${minuteOf(until.at)}`;
    },
  );
}

export function disable(cli: Cli, input: Input): Promise<void> {
  const until = untilOf(input);
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.disable(key, { ...reasonOf(input), ...until?.expiry }),
    (route) => {
      told(cli, route, () => cli.out.say`${red('✗')} ${route.path} → ${red('DISABLED')}`);
      if (until !== null) cli.out.say`  Auto-re-enable scheduled for ${minuteOf(until.at)}`;
    },
  );
}

export function maintenance(cli: Cli, input: Input): Promise<void> {
  const window = windowOf(input);
  const until = untilOf(input);
  if (window !== null && until !== null)
    throw new UsageFailure('--until does not go with --start and --end: the window has an end');
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.maintenance(key, { ...reasonOf(input), ...window, ...until?.expiry }),
    (route) => {
      if (window === null || route.status === 'maintenance') cli.out.say`${yellow('⚠')} ${route.path} → ${yellow('MAINTENANCE')}`;
      else cli.out.say`⏰ ${route.path}: maintenance scheduled, ${route.status.toUpperCase()} until then`;
      // Before a window opens, the route's reason is still that of the state it is in until then.
      const reason = window === null ? route.reason : (input.option('reason') ?? '');
      if (reason !== '') cli.out.say`  Reason: ${reason}`;
      if (window !== null) cli.out.say`  Window: ${minuteOf(window.start)} – ${minuteOf(window.end)}`;
      if (until !== null) cli.out.say`  Until: ${minuteOf(until.at)}`;
    },
  );
}

export function schedule(cli: Cli, input: Input): Promise<void> {
  const plan = planOf(input);
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.schedule(key, { ...reasonOf(input), ...plan }),
    (route) => {
      cli.out.say`⏰ Scheduled maintenance for ${route.path}`;
      tellPlan(cli, plan);
      const reason = input.option('reason');
      if (reason !== undefined) cli.out.say`  Reason: ${reason}`;
    },
  );
}

export function unschedule(cli: Cli, input: Input): Promise<void> {
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.cancelSchedule(key),
    (route) => cli.out.say`${green('✓')} Scheduled maintenance of ${route.path} cancelled`,
  );
}

export function clear(cli: Cli, input: Input): Promise<void> {
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.clear(key),
    (route) => cli.out.say`${green('✓')} ${route.path} → ${route.status.toUpperCase()} ${dim('(as the code declares)')}`,
  );
}

export function setEnvironments(cli: Cli, input: Input): Promise<void> {
  const envs = input
    .arguments('envs')
    .flatMap((env) => env.split(','))
    .filter((env) => env !== '');
  const until = untilOf(input);
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.setEnvironments(key, envs, { ...reasonOf(input), ...until?.expiry }),
    (route) => {
      told(cli, route, () => cli.out.say`🔒 ${route.path} → ${blue('ENV_GATED')} (${envs.join(', ')})`);
      if (until !== null) cli.out.say`  Until: ${minuteOf(until.at)}`;
    },
  );
}

export function clearEnvironments(cli: Cli, input: Input): Promise<void> {
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.enable(key, reasonOf(input)),
    (route) => told(cli, route, () => cli.out.say`${green('✓')} ${route.path} → ${green('ACTIVE')} (env gate removed)`),
  );
}

function told(cli: Cli, route: RouteState, headline: () => void): void {
  headline();
  if (route.reason !== '') cli.out.say`  Reason: ${route.reason}`;
}
