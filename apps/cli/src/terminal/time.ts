import { CliFailure } from './failure.js';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of `90s`, `30m`, `2h`, `1d`, `1w`, or several of them in a row (`1h30m`); `null` = no duration. */
export function durationMs(text: string): number | null {
  if (!/^(\d+[smhdw])+$/i.test(text)) return null;
  let sum = 0;
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw])/g)) sum += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return sum;
}

/**
 * A moment: ISO 8601 (without an offset it is UTC), or a duration from now.
 * @throws {CliFailure} naming the option
 */
export function momentOf(text: string, option: string, now: number = Date.now()): string {
  const ahead = durationMs(text.replace(/^\+/, ''));
  if (ahead !== null) return isoOf(now + ahead);
  const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i.exec(text.trim());
  const [, date, time = '00:00', zone = 'Z'] = iso ?? [];
  const at = iso === null ? NaN : Date.parse(`${date}T${time}${zone.toUpperCase() === 'UTC' ? 'Z' : zone}`);
  if (Number.isNaN(at) || (zone.toUpperCase() === 'Z' && new Date(at).toISOString().slice(0, 10) !== date)) {
    throw new CliFailure(
      `${option}: '${text}' is no moment. Give one such as 2027-01-31T22:00Z, or a duration from now such as 30m, 2h or 1d.`,
    );
  }
  return isoOf(at);
}

/** Whole seconds with `Z`, as the server writes them. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** `2027-01-31 22:00 UTC`; what is no moment stays as it is. */
export function minuteOf(instant: string): string {
  return formatted(instant, 16);
}

/** `2027-01-31 22:00:05 UTC`. */
export function secondOf(instant: string): string {
  return formatted(instant, 19);
}

function formatted(instant: string, length: number): string {
  const at = Date.parse(instant);
  return Number.isNaN(at) ? instant : `${new Date(at).toISOString().slice(0, length).replace('T', ' ')} UTC`;
}

/** `3 min ago`, `in 2 h`, `just now`. */
export function relativeTo(instant: string, now: number = Date.now()): string {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return instant;
  const seconds = Math.round(Math.abs(at - now) / 1000);
  if (seconds < 5) return 'just now';
  const amount = spell(seconds);
  return at < now ? `${amount} ago` : `in ${amount}`;
}

/** The largest unit alone, e.g. `3 min`. */
export function spell(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
