/**
 * A place in the history of a store. Revisions alone do not tell histories apart: a replica that is promoted without the newest commits
 * gives their numbers to others. So every commit has a random id, and knows the id of the one before it.
 */
export interface Position {
  /** Identity of the store. */
  readonly epoch: string;
  readonly revision: number;
  /** Id of the commit that made the revision; of a store at revision 0, its first epoch. */
  readonly head: string;
}

/** How a commit continues the one before it. */
export interface Link {
  readonly revision: number;
  readonly id: string;
  /** Id of the commit before. */
  readonly after: string;
}

/**
 * Whether a store has gone on from a position that was seen earlier, rather than back or another way.
 * @param first the oldest commit at or after `seen` that the store can tell
 */
export function continuesFrom(seen: Position, now: Position, first: Link | undefined): boolean {
  if (now.epoch !== seen.epoch || now.revision < seen.revision) return false;
  if (now.revision === seen.revision) return now.head === seen.head;
  if (first === undefined) return false;
  return first.revision === seen.revision ? first.id === seen.head : follows(seen, first);
}

/** Whether a commit is the very next one. */
export function follows(seen: Pick<Position, 'revision' | 'head'>, next: Link): boolean {
  return next.revision === seen.revision + 1 && next.after === seen.head;
}
