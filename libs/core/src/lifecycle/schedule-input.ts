import { ValidationError } from '../model/errors.js';
import { instantMs, toWindow, type InstantInput, type RecurrenceInput, type TimeWindow } from '../model/time.js';

/** When a scheduled maintenance takes place: once, from `start` to `end`, or again and again. */
export interface ScheduleInput {
  /** Required unless it recurs; then: not before. */
  readonly start?: InstantInput;
  /** Required unless it recurs; then: never after. */
  readonly end?: InstantInput;
  readonly recurrence?: RecurrenceInput;
}

/**
 * @param now epoch ms
 * @throws {ValidationError} naming what is missing or over already
 */
export function readSchedule({ start, end, recurrence }: ScheduleInput, now: number): TimeWindow {
  if (recurrence === undefined && (start === undefined || end === undefined))
    throw new ValidationError(start === undefined ? 'start' : 'end', "give 'start' and 'end', or a 'recurrence'");
  const window = toWindow({
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(recurrence === undefined ? {} : { recurrence }),
  });
  if (window === null) throw new ValidationError('start', "give 'start' and 'end', or a 'recurrence'");
  return notOver(window, now, 'end');
}

/**
 * A window that is over already would change nothing, silently.
 * @throws {ValidationError}
 */
export function notOver(window: TimeWindow, now: number, field: string): TimeWindow {
  if (window.end !== null && instantMs(window.end) <= now) throw new ValidationError(field, `${window.end} is over already`);
  return window;
}

/** Whether a window was planned to open at a moment, rather than merely to end at one. */
export function isScheduled(window: TimeWindow | null): boolean {
  return window !== null && (window.start !== null || window.recurrence !== undefined);
}
