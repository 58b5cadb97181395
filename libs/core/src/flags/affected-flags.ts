import type { ChangedRecord } from '../schema/record.js';
import type { Snapshot } from '../state/snapshot.js';
import { prerequisitesOf, segmentsOfFlag, segmentsOfSegment } from './check-references.js';

/** Flags that may resolve differently after a change: those changed, and those that depend on a changed flag or segment, however far. */
export function affectedFlags(changes: readonly ChangedRecord[], snapshot: Snapshot): readonly string[] {
  const flags = new Set(changes.filter(({ kind }) => kind === 'flag').map(({ key }) => key));
  const segments = new Set(changes.filter(({ kind }) => kind === 'segment').map(({ key }) => key));
  if (segments.size > 0) {
    untilSettled(segments, () =>
      [...snapshot.list('segment')].filter(({ value }) => segmentsOfSegment(value).some((key) => segments.has(key))),
    );
    for (const { key, value } of snapshot.list('flag'))
      if (segmentsOfFlag(value).some((other) => segments.has(other))) flags.add(key);
  }
  if (flags.size > 0) {
    untilSettled(flags, () =>
      [...snapshot.list('flag')].filter(({ value }) => prerequisitesOf(value).some((key) => flags.has(key))),
    );
  }
  return [...flags].toSorted();
}

function untilSettled(known: Set<string>, find: () => readonly { readonly key: string }[]): void {
  for (let before = -1; known.size !== before;) {
    before = known.size;
    for (const { key } of find()) known.add(key);
  }
}
