import type { RouteState } from '@waygate/client';
import type { Input } from '../program/input.js';
import type { Cli } from '../session/cli.js';
import { CliFailure, UsageFailure } from '../session/failure.js';
import { blue, dim, green, red, yellow } from '../terminal/style.js';
import { minuteOf, momentOf } from '../terminal/time.js';
import { changeRoute } from './change-route.js';

export function enable(cli: Cli, input: Input): Promise<void> {
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.enable(key, reasonOf(input)),
    (route) => told(cli, route, () => cli.out.say`${green('✓')} ${route.path} → ${green('ACTIVE')}`),
  );
}

export function disable(cli: Cli, input: Input): Promise<void> {
  const until = input.option('until');
  const end = until === undefined ? null : ahead(momentOf(until, '--until'), '--until');
  // As a length of time: then it does not matter whether the two clocks agree.
  const expiry = end === null ? {} : { expires_in: `${Date.parse(end) - Date.now()}ms` };
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.disable(key, { ...reasonOf(input), ...expiry }),
    (route) => {
      told(cli, route, () => cli.out.say`${red('✗')} ${route.path} → ${red('DISABLED')}`);
      if (end !== null) cli.out.say`  Auto-re-enable scheduled for ${minuteOf(end)}`;
    },
  );
}

export function maintenance(cli: Cli, input: Input): Promise<void> {
  const window = windowOf(input);
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.maintenance(key, { ...reasonOf(input), ...window }),
    (route) => {
      cli.out.say`${yellow('⚠')} ${route.path} → ${yellow('MAINTENANCE')}`;
      // Before a window opens, the route's reason is still that of what holds until then.
      const reason = window === null ? route.reason : (input.option('reason') ?? '');
      if (reason !== '') cli.out.say`  Reason: ${reason}`;
      if (window !== null) cli.out.say`  Window: ${minuteOf(window.start)} – ${minuteOf(window.end)}`;
    },
  );
}

export function schedule(cli: Cli, input: Input): Promise<void> {
  const window = windowOf(input);
  if (window === null) throw new UsageFailure('--start and --end are both needed');
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.schedule(key, { ...reasonOf(input), ...window }),
    (route) => {
      cli.out.say`⏰ Scheduled maintenance for ${route.path}`;
      cli.out.say`  Start: ${minuteOf(window.start)}`;
      cli.out.say`  End: ${minuteOf(window.end)}`;
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
  return changeRoute(
    cli,
    input,
    (client, key) => client.routes.setEnvironments(key, envs, reasonOf(input)),
    (route) => told(cli, route, () => cli.out.say`🔒 ${route.path} → ${blue('ENV_GATED')} (${envs.join(', ')})`),
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

function reasonOf(input: Input): { readonly reason?: string } {
  const reason = input.option('reason');
  return reason === undefined ? {} : { reason };
}

/** Both ends or none. */
function windowOf(input: Input): { readonly start: string; readonly end: string } | null {
  const start = input.option('start');
  const end = input.option('end');
  if (start === undefined && end === undefined) return null;
  if (start === undefined || end === undefined) throw new UsageFailure('--start and --end belong together; give both or neither');
  const window = { start: momentOf(start, '--start'), end: ahead(momentOf(end, '--end'), '--end') };
  if (Date.parse(window.end) <= Date.parse(window.start)) throw new CliFailure('--end must be after --start');
  return window;
}

function ahead(instant: string, option: string): string {
  if (Date.parse(instant) <= Date.now()) throw new CliFailure(`${option}: ${minuteOf(instant)} is over already`);
  return instant;
}
