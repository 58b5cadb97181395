import type { Visit } from '../page/visit.js';

/** Until when something holds: a length of time, a moment, or neither. */
export function expiry(visit: Visit): { readonly expiresIn?: string; readonly expiresAt?: string } {
  const length = visit.field('expires_in');
  const moment = visit.field('expires_at');
  if (length === 'at') return moment === '' ? {} : { expiresAt: moment };
  return length === '' ? {} : { expiresIn: length };
}

/** When planned maintenance takes place. */
export function schedule(visit: Visit): {
  readonly start?: string;
  readonly end?: string;
  readonly recurrence?: { readonly cron: string; readonly duration: string; readonly timeZone?: string };
} {
  const [start, end, cron] = [visit.field('start'), visit.field('end'), visit.field('cron')];
  const zone = visit.field('time_zone');
  const recurrence = { cron, duration: visit.field('duration') || '1h', ...(zone === '' ? {} : { timeZone: zone }) };
  return {
    ...(start === '' ? {} : { start }),
    ...(end === '' ? {} : { end }),
    ...(cron === '' ? {} : { recurrence }),
  };
}
