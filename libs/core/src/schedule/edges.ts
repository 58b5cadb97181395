import { latestOpenings } from '../model/recurrence.js';
import { windowAt, type TimeWindow } from '../model/time.js';
import { holdsTheSame, reasonAt, windowsOf, type TimedRecord } from './timed-records.js';

/** A moment at which a record changed what holds, by itself. */
export interface Edge {
  /** Epoch ms. */
  readonly at: number;
  readonly action: 'window_opened' | 'window_closed' | 'override_expired';
  /** Why there is, or was, a window; empty = nobody said. */
  readonly reason: string;
}

/** After a long time away, so many openings of a recurring window are recorded, the latest. */
const MOST_OPENINGS = 50;

/**
 * The edges of a record in `(after, upTo]`, oldest first: those at which what holds is not what held before.
 * Those of a window count only from when it was put there.
 * @param after epoch ms up to which they were recorded; `null` = none was
 */
export function edgesOf(record: TimedRecord, after: number | null, upTo: number): readonly Edge[] {
  const edges: Edge[] = [];
  for (const { window, since } of windowsOf(record)) {
    if (since === null) continue;
    const from = Math.max(after ?? -Infinity, since);
    for (const at of edgesBetween(window, from, upTo)) {
      if (edges.some((edge) => edge.at === at) || holdsTheSame(record, at - 1, at)) continue;
      const action = actionOf(window, at);
      edges.push({ at, action, reason: reasonAt(record, action === 'window_opened' ? at : at - 1) });
    }
  }
  return edges.toSorted((a, b) => a.at - b.at);
}

/** The next moment after `now` (epoch ms) at which a window of the record opens or closes; `Infinity` = none. */
export function nextEdgeOf(record: TimedRecord, now: number): number {
  let next = Infinity;
  for (const { window } of windowsOf(record)) next = Math.min(next, windowAt(window, now).until);
  return next;
}

/** The edge each window of the record has next after `now` (epoch ms), as far as it changes what holds; soonest first. */
export function upcomingEdgesOf(record: TimedRecord, now: number): readonly Edge[] {
  const upcoming: Edge[] = [];
  for (const { window } of windowsOf(record)) {
    const at = windowAt(window, now).until;
    if (at === Infinity || upcoming.some((edge) => edge.at === at) || holdsTheSame(record, at - 1, at)) continue;
    const action = actionOf(window, at);
    upcoming.push({ at, action, reason: reasonAt(record, action === 'window_opened' ? at : at - 1) });
  }
  return upcoming.toSorted((a, b) => a.at - b.at);
}

function* edgesBetween(window: TimeWindow, from: number, upTo: number): Generator<number> {
  let at = from;
  if (window.recurrence !== undefined) {
    const [oldest] = latestOpenings(window.recurrence, from, upTo, MOST_OPENINGS);
    if (oldest !== undefined) at = Math.max(at, oldest - 1);
  }
  for (;;) {
    const next = windowAt(window, at).until;
    if (next > upTo) return;
    yield next;
    at = next;
  }
}

function actionOf(window: TimeWindow, at: number): Edge['action'] {
  if (windowAt(window, at).open) return 'window_opened';
  return window.start === null && window.recurrence === undefined ? 'override_expired' : 'window_closed';
}
