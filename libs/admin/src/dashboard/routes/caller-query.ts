import { isIP } from 'node:net';
import type { Caller } from '@waygate/core';
import { listOf } from '../ui/form.js';

/** Who calls, as it was typed; all empty = nobody said. */
export interface CallerQuery {
  readonly ip: string;
  readonly user: string;
  readonly apiKey: string;
  readonly roles: string;
  /** One a line or separated by commas: `plan = pro`. */
  readonly attributes: string;
}

const LONGEST = 512;

export function readCallerQuery(query: (name: string) => string): CallerQuery {
  const text = (name: string) => query(name).trim().slice(0, LONGEST);
  return {
    ip: text('ip'),
    user: text('user'),
    apiKey: text('api_key'),
    roles: text('roles'),
    attributes: text('attributes'),
  };
}

export function hasCaller(query: CallerQuery): boolean {
  return Object.values(query).some((value) => value !== '');
}

/** What is wrong with it; `null` = nothing. */
export function problemOf({ ip }: CallerQuery): string | null {
  return ip === '' || isIP(ip) !== 0 ? null : `'${ip}' is not an address, e.g. 203.0.113.7`;
}

export function callerOf({ ip, user, apiKey, roles, attributes }: CallerQuery): Caller {
  const known = new Map(
    listOf(attributes).map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );
  return {
    ip: ip || null,
    user: user || null,
    apiKey: apiKey || null,
    roles: listOf(roles),
    attribute: (name) => known.get(name) ?? null,
    request: undefined,
  };
}
