import { ValidationError } from './errors.js';
import { checkRecurrence, occurrenceAt, type Recurrence } from './recurrence.js';

/** A moment as ISO 8601 in UTC with milliseconds, e.g. `2027-01-01T02:00:00.000Z`: the only form stored in records. */
export type Instant = string;

/** What callers may give for a moment: a `Date`, ISO 8601 text (no offset = UTC), or epoch milliseconds. */
export type InstantInput = Date | string | number;

/** Returns the present in epoch milliseconds. Injected everywhere, so that time can be tested. */
export type Clock = () => number;

/** `[start, end)`. A missing edge is open on that side; something of it is set. */
export interface TimeWindow {
  readonly start: Instant | null;
  readonly end: Instant | null;
  /** The window opens again and again between `start` and `end`. Absent = it is open all the time between them. */
  readonly recurrence?: Recurrence;
}

/** {@link TimeWindow} as callers write it. */
export interface TimeWindowInput {
  readonly start?: InstantInput | null;
  readonly end?: InstantInput | null;
  readonly recurrence?: RecurrenceInput | null;
}

/** {@link Recurrence} as callers write it. */
export interface RecurrenceInput {
  /** When it opens: a cron expression of five fields, or of six with seconds first. */
  readonly cron: string;
  /** How long it stays open each time. */
  readonly duration: DurationInput;
  /** IANA name, e.g. `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string;
}

/** A length of time: milliseconds, or text such as `30s`, `15m`, `2h`, `1d`, `1h30m`. */
export type DurationInput = number | string;

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** The range of `Date` is wider, but before year 0 and beyond year 9999 ISO text changes its form. */
const MIN_MS = Date.parse('0000-01-01T00:00:00.000Z');
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads a moment strictly: `2026-02-30` and other days that do not exist are refused, not shifted.
 * @throws {ValidationError} naming `field`
 */
export function toInstant(input: InstantInput, field: string): Instant {
  const ms = readInstant(input);
  if (Number.isNaN(ms)) {
    throw new ValidationError(field, `${describe(input)} is not a date. Use ISO 8601, e.g. 2027-01-01T02:00:00Z, or a Date`);
  }
  return new Date(ms).toISOString();
}

/** Epoch milliseconds of a moment as strictly as {@link toInstant}; `NaN` for what cannot be read. */
export function readInstant(input: InstantInput): number {
  const ms = input instanceof Date ? input.getTime() : typeof input === 'number' ? input : parseIso(input);
  return ms >= MIN_MS && ms <= MAX_MS ? ms : NaN;
}

/** Epoch milliseconds of a stored instant. */
export function instantMs(instant: Instant): number {
  return Date.parse(instant);
}

/**
 * Reads a window; `null` and `{}` mean none.
 * @throws {ValidationError} when an edge cannot be read, the end is not after the start, or the recurrence is no usable one
 */
export function toWindow(input: TimeWindowInput | null | undefined, field = 'window'): TimeWindow | null {
  const start = input?.start == null ? null : toInstant(input.start, `${field}.start`);
  const end = input?.end == null ? null : toInstant(input.end, `${field}.end`);
  if (start !== null && end !== null && instantMs(end) <= instantMs(start)) {
    throw new ValidationError(`${field}.end`, `${end} must be after the start (${start})`);
  }
  if (input?.recurrence == null) return start === null && end === null ? null : { start, end };
  const { cron, duration, timeZone = 'UTC' } = input.recurrence;
  const recurrence = { cron, durationMs: toDuration(duration, `${field}.recurrence.duration`), timeZone };
  checkRecurrence(recurrence, start === null ? Date.UTC(2026, 0, 1) : instantMs(start), `${field}.recurrence`);
  return { start, end, recurrence };
}

/** How a window stands at a moment: the same for every clock in `[from, until)`, epoch ms. */
export interface WindowPhase {
  readonly open: boolean;
  readonly from: number;
  readonly until: number;
}

const ALWAYS_OPEN: WindowPhase = Object.freeze({ open: true, from: -Infinity, until: Infinity });

/** Whether a window is open at `now` (epoch ms), and how long that stays so. No window is always open. */
export function windowAt(window: TimeWindow | null, now: number): WindowPhase {
  if (window === null) return ALWAYS_OPEN;
  const start = window.start === null ? -Infinity : instantMs(window.start);
  const end = window.end === null ? Infinity : instantMs(window.end);
  if (now >= end) return { open: false, from: end, until: Infinity };
  if (window.recurrence !== undefined) return recurringAt(window.recurrence, start, end, now);
  return now < start ? { open: false, from: -Infinity, until: start } : { open: true, from: start, until: end };
}

/** Whether `now` (epoch ms) lies inside; no window is always open. */
export function windowIsOpen(window: TimeWindow | null, now: number): boolean {
  return windowAt(window, now).open;
}

function recurringAt(recurrence: Recurrence, start: number, end: number, now: number): WindowPhase {
  // Nothing opens before the start: what would have been open by then is not.
  const earliest = start - 1 + recurrence.durationMs;
  const occurrence = occurrenceAt(recurrence, Math.max(now, earliest));
  if (occurrence === null || occurrence.start >= end) return { open: false, from: now, until: Infinity };
  if (now < occurrence.start) return { open: false, from: now, until: occurrence.start };
  return { open: true, from: occurrence.start, until: Math.min(occurrence.end, end) };
}

/**
 * Reads a length of time.
 * @returns milliseconds, > 0
 * @throws {ValidationError} naming `field`
 */
export function toDuration(input: DurationInput, field: string): number {
  const ms = readDuration(input);
  if (Number.isNaN(ms)) {
    throw new ValidationError(field, `${describe(input)} is not a duration. Use e.g. 30s, 15m, 2h, 1d, or milliseconds`);
  }
  return ms;
}

/** Milliseconds of a length of time, > 0; `NaN` for what cannot be read. */
export function readDuration(input: DurationInput): number {
  const ms = typeof input === 'number' ? input : parseDuration(input);
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : NaN;
}

function parseDuration(text: string): number {
  const compact = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|[smhdw])\s*)+$/.test(compact)) return NaN;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g))
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? NaN);
  return total;
}

function parseIso(text: string): number {
  const match = ISO_8601.exec(text.trim());
  if (match === null) return NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = 'Z'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NaN;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const read = new Date(local);
  if (read.getUTCMonth() !== Number(month) - 1 || read.getUTCDate() !== Number(day)) return NaN;
  return local + Math.trunc(Number(`0.${fraction || '0'}`) * 1000) - offsetMs(offset);
}

function offsetMs(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 23 || minutes > 59) return NaN;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000);
}

function describe(input: unknown): string {
  return input instanceof Date ? 'an invalid Date' : `'${String(input)}'`;
}
