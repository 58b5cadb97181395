import type { LimitScopeRecord } from '../schema/rate-limit.js';
import { instantMs } from '../model/time.js';

export type ScopeSetting = Omit<LimitScopeRecord, 'resets'>;

/** What holds at `now`, and beneath it what will hold later; `null` = no limit. */
export function unexpiredScope(setting: ScopeSetting | null, now: number): ScopeSetting | null {
  let current = setting;
  while (current !== null && current.expiresAt !== null && instantMs(current.expiresAt) <= now) current = current.beneath;
  return current;
}
