import type { Instant } from '../model/time.js';

/** An instant as the wire has it: UTC with `Z`, microseconds only where they are not zero (wire contract, §3). */
export function instantOnWire(instant: Instant): string {
  return instant.endsWith('.000Z') ? `${instant.slice(0, -5)}Z` : `${instant.slice(0, -1)}000Z`;
}
