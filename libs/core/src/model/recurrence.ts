import { Cron } from 'croner';
import { errorMessage } from '../native-errors/native-error.js';
import { ValidationError } from './errors.js';

/** A window that opens again and again. */
export interface Recurrence {
  /** When it opens: five fields (minute to day of week), or six with seconds first. */
  readonly cron: string;
  /** How long it stays open each time, in ms. Shorter than the time between two openings. */
  readonly durationMs: number;
  /** IANA name of the time zone whose wall clock `cron` means, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** One opening of a recurring window, epoch ms. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
}

/** So many openings in a row are looked at to find out whether two overlap. */
const CHECKED_OCCURRENCES = 400;
const FIRST_SPAN_MS = 3_600_000;
const MAX_COMPILED = 1_000;
/** Two: who looks at an edge asks about both sides of it. */
const REMEMBERED = 2;

interface CompiledCron {
  readonly schedule: Cron;
  /** What was found last, and from which moment on (epoch ms) it is what would be found again: the library takes its time. */
  readonly recent: { readonly since: number; readonly durationMs: number; readonly occurrence: Occurrence }[];
}

const compiled = new Map<string, CompiledCron>();

/**
 * The occurrence that lasts at `now`, else the next one. Daylight saving is the time zone's: an opening in the hour that is skipped comes
 * when the hour is over, one in the hour that comes twice comes once. A pure function of its arguments.
 * @param now epoch ms
 * @returns `null` = it never opens again
 */
export function occurrenceAt({ cron, durationMs, timeZone }: Recurrence, now: number): Occurrence | null {
  const { schedule, recent } = compile(cron, timeZone);
  for (const { since, durationMs: duration, occurrence } of recent)
    if (duration === durationMs && now >= since && now < occurrence.end) return occurrence;
  const opens = schedule.nextRun(new Date(now - durationMs));
  if (opens === null) return null;
  const occurrence = { start: opens.getTime(), end: opens.getTime() + durationMs };
  recent.unshift({ since: now, durationMs, occurrence });
  recent.length = Math.min(recent.length, REMEMBERED);
  return occurrence;
}

/**
 * The latest openings in `(from, upTo]` (epoch ms), oldest first.
 * @param most so many at most, ≥ 1
 */
export function latestOpenings({ cron, timeZone }: Recurrence, from: number, upTo: number, most: number): readonly number[] {
  const { schedule } = compile(cron, timeZone);
  // Looked for forwards, in spans that grow: backwards the library stumbles over February. Mostly it comes as often as it will.
  const [first, second] = schedule.nextRuns(2, new Date(upTo));
  const gap = first === undefined || second === undefined ? FIRST_SPAN_MS : second.getTime() - first.getTime();
  for (let span = gap * (most + 2); ; span *= 4) {
    const start = Math.max(from, upTo - span);
    const openings: number[] = [];
    let next = schedule.nextRun(new Date(start));
    while (next !== null && next.getTime() <= upTo) {
      openings.push(next.getTime());
      if (openings.length > most) openings.shift();
      next = schedule.nextRun(next);
    }
    if (openings.length === most || start === from) return openings;
  }
}

/**
 * @param field where the recurrence stands, for messages
 * @throws {ValidationError} for an expression or a time zone that cannot be read, one that never comes, or openings that overlap
 */
export function checkRecurrence({ cron, durationMs, timeZone }: Recurrence, from: number, field: string): void {
  if (typeof cron !== 'string' || cron.length > 200) throw new ValidationError(`${field}.cron`, 'must be a cron expression');
  if (!isTimeZone(timeZone))
    throw new ValidationError(`${field}.timeZone`, `'${timeZone}' is not a time zone. Use an IANA name, e.g. Europe/Berlin`);
  let schedule: Cron;
  try {
    ({ schedule } = compile(cron, timeZone));
  } catch (error) {
    const problem = errorMessage(error).replace(/^CronPattern: /, '');
    throw new ValidationError(
      `${field}.cron`,
      `'${cron}' is not a cron expression (${problem}). Use e.g. 0 2 * * 6 for Saturdays at two`,
    );
  }
  const openings = schedule.nextRuns(CHECKED_OCCURRENCES, new Date(from)).map((opening) => opening.getTime());
  if (openings.length === 0) throw new ValidationError(`${field}.cron`, `'${cron}' names a moment that never comes`);
  for (let i = 1; i < openings.length; i++) {
    if ((openings[i] as number) - (openings[i - 1] as number) <= durationMs)
      throw new ValidationError(`${field}.duration`, `is not shorter than the time between two openings of '${cron}'`);
  }
}

function compile(cron: string, timeZone: string): CompiledCron {
  const id = `${timeZone} ${cron}`;
  let entry = compiled.get(id);
  if (entry === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    entry = { schedule: new Cron(cron, { timezone: timeZone, paused: true }), recent: [] };
    compiled.set(id, entry);
  }
  return entry;
}

function isTimeZone(name: unknown): boolean {
  try {
    return typeof name === 'string' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
