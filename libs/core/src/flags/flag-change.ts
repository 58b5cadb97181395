import type { Author } from '../model/author.js';

/** Who changes a flag or segment and why, and which version they have seen. */
export interface FlagChange extends Author {
  /** Refuse with {@link ConflictError} unless the record still is at this revision; 0 = it must not exist. */
  readonly expectedRevision?: number;
}
