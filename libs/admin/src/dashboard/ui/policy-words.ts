import type { RateLimitPolicy } from '@waygate/core';

const KEYS: Readonly<Record<RateLimitPolicy['key'], string>> = {
  ip: 'each address',
  user: 'each user',
  api_key: 'each API key',
  unverified_api_key: 'each unverified API key, and each address ten times as much',
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
