import * as v from 'valibot';
import { ValidationError } from '../model/errors.js';
import { checkRecurrence } from '../model/recurrence.js';
import { instantMs, type TimeWindow } from '../model/time.js';
import type { Misfit } from './check.js';
import { instant, object, text } from './fields.js';

/** Recurrences of windows without a start are checked as if they began here. */
const ANY_START = Date.UTC(2026, 0, 1);

const positive = v.pipe(v.number('must be a number above 0'), v.minValue(Number.MIN_VALUE, 'must be a number above 0'));

/** A window as it is stored. */
export const timeWindow = object(
  {
    start: v.nullable(instant),
    end: v.nullable(instant),
    recurrence: v.optional(object({ cron: text(), durationMs: positive, timeZone: text() })),
  },
  recurrenceMisfit,
);

/** A recurrence that never opens, or cannot be read, must not be found only when a request asks for it. */
function recurrenceMisfit({ start, recurrence }: TimeWindow): Misfit | null {
  if (recurrence === undefined) return null;
  try {
    checkRecurrence(recurrence, start === null ? ANY_START : instantMs(start), 'recurrence');
    return null;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return { path: error.field.split('.'), problem: error.problem };
  }
}
