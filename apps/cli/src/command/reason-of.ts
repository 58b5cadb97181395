import type { Input } from './input.js';

/** What `--reason` says. */
export function reasonOf(input: Input): { readonly reason?: string } {
  const reason = input.option('reason');
  return reason === undefined ? {} : { reason };
}
