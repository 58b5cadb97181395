import { ValidationError } from '../model/errors.js';

/** Told only to webhooks that name them: no change of how the API behaves. */
const NOT_BY_DEFAULT = /^(?:declare|webhook_.*|token_.*)$/;

/** @param events names and beginnings of names as `flag_*`; empty = every change of how the API behaves */
export function eventMatches(events: readonly string[], name: string): boolean {
  if (events.length === 0) return !NOT_BY_DEFAULT.test(name);
  return events.some((event) => (event.endsWith('*') ? name.startsWith(event.slice(0, -1)) : name === event));
}

/** @throws {ValidationError} */
export function readEvents(events: readonly string[], field = 'events'): readonly string[] {
  if (!Array.isArray(events))
    throw new ValidationError(field, "must be a list of event names, e.g. ['maintenance_on', 'flag_*']");
  if (events.length > 100) throw new ValidationError(field, 'must have at most 100 names');
  events.forEach((event: unknown, index) => {
    if (typeof event !== 'string' || !/^[a-z_]{0,63}\*?$/.test(event) || event === '')
      throw new ValidationError(`${field}[${index}]`, "must be an event name, or the beginning of one and '*', e.g. 'flag_*'");
  });
  return [...new Set(events)];
}
