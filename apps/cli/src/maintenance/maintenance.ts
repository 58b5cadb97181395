import type { MaintenanceConfig, MaintenanceInput, WaygateClient } from '@waygate/client';
import { untilOf } from '../command/expiry.js';
import type { Input } from '../command/input.js';
import { planOf, tellPlan } from '../command/plan.js';
import { reasonOf } from '../command/reason-of.js';
import { parseRoute, routeKey } from '../routes/route-key.js';
import type { Cli } from '../command/cli.js';
import { green, yellow } from '../terminal/style.js';
import { minuteOf } from '../terminal/time.js';

export async function status(cli: Cli, input: Input): Promise<void> {
  const config = await switchOf(await cli.client(), input).get();
  const service = input.optionalArgument('service');
  const state = config.enabled ? yellow('ON') : green('OFF');
  if (service === undefined) cli.out.say`Global maintenance: ${state}`;
  else cli.out.say`Service maintenance (${service}): ${state}`;
  details(cli, config);
}

export async function enable(cli: Cli, input: Input): Promise<void> {
  const config = await switchOf(await cli.client(), input).enable({ ...settingsOf(input), ...untilOf(input)?.expiry });
  switched(cli, input, 'ENABLED');
  details(cli, config);
}

export async function disable(cli: Cli, input: Input): Promise<void> {
  const config = await switchOf(await cli.client(), input).disable(reasonOf(input));
  switched(cli, input, 'DISABLED');
  cli.out.value(config);
}

export async function schedule(cli: Cli, input: Input): Promise<void> {
  const plan = planOf(input);
  const config = await switchOf(await cli.client(), input).schedule({ ...settingsOf(input), ...plan });
  const service = input.optionalArgument('service');
  if (service === undefined) cli.out.say`⏰ Scheduled global maintenance`;
  else cli.out.say`⏰ Scheduled service maintenance for ${service}`;
  tellPlan(cli, plan);
  cli.out.value(config);
}

export async function unschedule(cli: Cli, input: Input): Promise<void> {
  const config = await switchOf(await cli.client(), input).cancelSchedule();
  const service = input.optionalArgument('service');
  if (service === undefined) cli.out.say`${green('✓')} Scheduled global maintenance cancelled`;
  else cli.out.say`${green('✓')} Scheduled service maintenance cancelled for ${service}`;
  cli.out.value(config);
}

export async function addExempt(cli: Cli, input: Input): Promise<void> {
  const route = routeKey(parseRoute(input.argument('route')));
  const maintenance = switchOf(await cli.client(), input);
  const { exempt_paths: before } = await maintenance.get();
  const config = await maintenance.setExempt([...new Set([...before, route])]);
  cli.out.say`${green('✓')} Added ${route} to exempt list (${config.exempt_paths.length} total)`;
  cli.out.value(config);
}

export async function removeExempt(cli: Cli, input: Input): Promise<void> {
  const route = routeKey(parseRoute(input.argument('route')));
  const maintenance = switchOf(await cli.client(), input);
  const { exempt_paths: before } = await maintenance.get();
  if (!before.includes(route)) {
    cli.out.say`${route} is not on the exempt list.`;
    cli.out.value(await maintenance.get());
    return;
  }
  const config = await maintenance.setExempt(before.filter((path) => path !== route));
  cli.out.say`${green('✓')} Removed ${route} from exempt list (${config.exempt_paths.length} total)`;
  cli.out.value(config);
}

function switchOf(client: WaygateClient, input: Input) {
  const service = input.optionalArgument('service');
  return service === undefined ? client.maintenance : client.maintenance.forService(service);
}

function settingsOf(input: Input): MaintenanceInput {
  const exempt = input.list('exempt').map((route) => routeKey(parseRoute(route)));
  return { ...reasonOf(input), exempt_paths: exempt, include_force_active: input.flag('includeForceActive') };
}

function switched({ out }: Cli, input: Input, what: 'ENABLED' | 'DISABLED'): void {
  const service = input.optionalArgument('service');
  const state = what === 'ENABLED' ? yellow(what) : green(what);
  if (service === undefined) out.say`Global maintenance ${state}`;
  else out.say`Service maintenance ${state} for ${service}`;
}

function details({ out }: Cli, config: MaintenanceConfig): void {
  if (config.reason !== '') out.say`  Reason: ${config.reason}`;
  if (config.exempt_paths.length > 0) out.say`  Exempt: ${config.exempt_paths.join(', ')}`;
  if (config.include_force_active) out.say`  Force-active routes are included`;
  if (config.next_change != null) out.say`  Next change: ${minuteOf(config.next_change)}`;
  out.value(config);
}
