import type { RateLimitPolicy } from '@waygate/core';

const KEYS: Readonly<Record<RateLimitPolicy['key'], string>> = {
  ip: 'each address',
  user: 'each user',
  api_key: 'each API key',
  global: 'everybody together',
  custom: 'each key that the app makes',
};

/** What is counted apart: `each address`. */
export function countedApart({ key }: Pick<RateLimitPolicy, 'key'>): string {
  return KEYS[key];
}

/** `fixed window`. */
export function algorithmName({ algorithm }: Pick<RateLimitPolicy, 'algorithm'>): string {
  return algorithm.replace('_', ' ');
}
