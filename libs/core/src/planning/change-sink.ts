import type { Author } from '../model/author.js';
import type { PlannedSet } from './plan-set.js';

/** Where a capability's methods send their changes. */
export interface ChangeSink<C> {
  /**
   * Commits one change.
   * @returns what was committed
   * @throws {ConflictError | ValidationError | BackendUnavailableError | EngineClosedError} and what the change's planner throws
   */
  applyOne(change: C, author: Author): Promise<PlannedSet>;
}

/** The members of a method's options that belong to the change; who makes it does not. */
export function withoutAuthor<T extends Author>({
  actor: _actor,
  platform: _platform,
  ...rest
}: T): Omit<T, 'actor' | 'platform'> {
  return rest;
}
