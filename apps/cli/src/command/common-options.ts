import type { ArgumentSpec, OptionSpec } from './spec.js';

export const ROUTE: ArgumentSpec = {
  syntax: '<route>',
  about: '/path, or METHOD:/path; the method in any case. A bare path of several methods asks before it changes all',
  names: 'route',
};
export const REASON: OptionSpec = { syntax: '-r, --reason <text>', about: 'why, for callers and for the audit log' };
/** How moments are written. */
export const MOMENT = 'ISO 8601, UTC unless it says otherwise, or a duration from now such as 2h';
export const UNTIL: OptionSpec = { syntax: '--until <moment>', about: `what was set before holds again from then: ${MOMENT}` };
export const PLAN: readonly OptionSpec[] = [
  { syntax: '--start <moment>', about: `when it begins: ${MOMENT}` },
  { syntax: '--end <moment>', about: 'when it ends' },
  { syntax: '--every <cron>', about: 'again and again: minute, hour, day of month, month, day of week, e.g. "0 2 * * 1"' },
  { syntax: '--for <duration>', about: 'with --every: how long each time, e.g. 2h' },
  { syntax: '--time-zone <name>', about: 'with --every: e.g. Europe/Berlin; else UTC' },
];
export const SERVICE: OptionSpec = {
  syntax: '-s, --service <name>',
  about: 'the service the route belongs to; else WAYGATE_SERVICE',
  names: 'service',
};
export const CREATE: OptionSpec = {
  syntax: '--create',
  about: 'accept services and routes that have not registered yet',
};
export const YES: OptionSpec = { syntax: '-y, --yes', about: 'do not ask' };
export const PAGES: readonly OptionSpec[] = [
  { syntax: '-p, --page <n>', about: 'the page to show', default: '1' },
  { syntax: '--per-page <n>', about: 'rows of a page', default: '20' },
];
export const WATCH: OptionSpec = { syntax: '-w, --watch', about: 'go on showing what changes; with --json as JSON lines' };
