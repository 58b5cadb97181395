import { relativeTime } from '../../src/dashboard/ui/relative-time.js';
import { onArrival } from './arrivals.js';

const UPDATE_MS = 5_000;

/** Keeps relative times current, and adds the time in the viewer's zone to the tooltip. */
export function startTimes(): void {
  setInterval(showTimes, UPDATE_MS);
  onArrival(showTimes);
}

function showTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
    const at = Date.parse(time.dateTime);
    const text = relativeTime(at, Date.now());
    if (time.textContent !== text) time.textContent = text;
    time.title = `${new Date(at).toLocaleString()} · ${time.dateTime.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`;
  }
}
