import type { RateLimitPolicy } from '@waygate/client';

const DEFAULT_NAME = 'default';

/** The key of a route, and the name of one of its limits. */
export interface LimitKey {
  readonly key: string;
  readonly name: string;
}

/** `METHOD:/path`, the service before it; `#name` behind it for all limits of a route but the one called `default`. */
export function limitKeyOf({ method, path, name = DEFAULT_NAME }: Pick<RateLimitPolicy, 'method' | 'path' | 'name'>): string {
  const slash = path.indexOf('/');
  return joinLimitKey(`${path.slice(0, slash)}${method}:${path.slice(slash)}`, name);
}

export function splitLimitKey(text: string): LimitKey {
  const [, key = text, name = DEFAULT_NAME] = /^(.*)#([\w.-]+)$/.exec(text) ?? [];
  return { key, name };
}

export function joinLimitKey(key: string, name: string): string {
  return name === DEFAULT_NAME ? key : `${key}#${name}`;
}
