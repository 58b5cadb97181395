import type { Instant } from '@waygate/core';

/** A moment as it stands on the wire (wire contract, §3): UTC with `Z`, microseconds only where they are not zero. */
export function wireTime(instant: Instant): string {
  return instant.endsWith('.000Z') ? `${instant.slice(0, -5)}Z` : `${instant.slice(0, -1)}000Z`;
}

export function wireTimeOrNull(instant: Instant | null): string | null {
  return instant === null ? null : wireTime(instant);
}
