import type { Expiry } from '@waygate/client';
import { CliFailure } from '../terminal/failure.js';
import { durationMs, isoOf, minuteOf, momentOf } from '../terminal/time.js';
import type { Input } from './input.js';

export interface Until {
  /** As the server takes it: a length of time as such, so that it does not matter whether the two clocks agree. */
  readonly expiry: Expiry;
  /** By the clock here. */
  readonly at: string;
}

/** What `--until` says; `null` = it was not given. @throws {CliFailure} for what is no moment, or is over */
export function untilOf(input: Input): Until | null {
  const text = input.option('until');
  if (text === undefined) return null;
  const duration = durationMs(text.replace(/^\+/, ''));
  if (duration !== null && duration > 0) return { expiry: { expires_in: `${duration}ms` }, at: isoOf(Date.now() + duration) };
  const at = momentOf(text, '--until');
  if (Date.parse(at) <= Date.now()) throw new CliFailure(`--until: ${minuteOf(at)} is over already`);
  return { expiry: { expires_at: at }, at };
}

/** The same as a length of time, for what takes no moment. */
export function untilAsDuration(input: Input): { readonly expires_in?: string } {
  const until = untilOf(input);
  return until === null ? {} : { expires_in: until.expiry.expires_in ?? `${Math.max(1, Date.parse(until.at) - Date.now())}ms` };
}
