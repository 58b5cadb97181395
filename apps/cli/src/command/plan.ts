import type { PlanInput } from '@waygate/client';
import type { Cli } from './cli.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { minuteOf, momentOf } from '../terminal/time.js';
import type { Input } from './input.js';

/** What `--start` and `--end` say, or `--every` and `--for`. @throws {UsageFailure | CliFailure} */
export function planOf(input: Input): PlanInput {
  const cron = input.option('every');
  const duration = input.option('for');
  if (cron === undefined) {
    if (duration !== undefined || input.option('timeZone') !== undefined)
      throw new UsageFailure('--for and --time-zone go with --every');
    const window = windowOf(input);
    if (window === null) throw new UsageFailure('give --start and --end, or --every and --for');
    return window;
  }
  if (duration === undefined) throw new UsageFailure('--every needs --for: how long it lasts each time');
  const timeZone = input.option('timeZone');
  return {
    recurrence: { cron, duration, ...(timeZone === undefined ? {} : { time_zone: timeZone }) },
    ...edge('start', input),
    ...edge('end', input),
  };
}

/** Both ends or none. @throws {UsageFailure | CliFailure} */
export function windowOf(input: Input): { readonly start: string; readonly end: string } | null {
  const { start } = edge('start', input);
  const { end } = edge('end', input);
  if (start === undefined && end === undefined) return null;
  if (start === undefined || end === undefined) throw new UsageFailure('--start and --end belong together; give both or neither');
  if (Date.parse(end) <= Date.now()) throw new CliFailure(`--end: ${minuteOf(end)} is over already`);
  if (Date.parse(end) <= Date.parse(start)) throw new CliFailure('--end must be after --start');
  return { start, end };
}

/** Says what was planned. */
export function tellPlan({ out }: Cli, plan: PlanInput): void {
  if ('recurrence' in plan) {
    const { cron, duration, time_zone: timeZone = 'UTC' } = plan.recurrence;
    out.say`  Every: ${cron} (${timeZone}), for ${duration}`;
  }
  if (plan.start !== undefined) out.say`  Start: ${minuteOf(plan.start)}`;
  if (plan.end !== undefined) out.say`  End: ${minuteOf(plan.end)}`;
}

function edge<N extends 'start' | 'end'>(name: N, input: Input): { readonly [K in N]?: string } {
  const text = input.option(name);
  return (text === undefined ? {} : { [name]: momentOf(text, `--${name}`) }) as { readonly [K in N]?: string };
}
