import { byId, ROOT } from './page.js';
import { refresh } from './refresh.js';

const RECONNECT_MS = 2_000;

let isLost = false;

/** Follows the stream of changes, and shows whether it is connected. */
export function startLive(): void {
  if (byId('revision') !== null) follow();
}

function follow(): void {
  const source = new EventSource(`${ROOT}/live`);
  source.addEventListener('hello', ({ data }) => {
    const before = byId('revision')?.textContent;
    showState(data);
    showConnection(false);
    if (before !== byId('revision')?.textContent) refresh();
    document.documentElement.dataset['live'] = 'yes';
  });
  source.addEventListener('change', ({ data }) => {
    showState(data);
    refresh();
  });
  source.addEventListener('error', () => {
    showConnection(true);
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(follow, RECONNECT_MS);
  });
  addEventListener('pagehide', () => source.close(), { once: true });
}

function showState(data: string): void {
  const { revision, health }: { revision: number; health: string } = JSON.parse(data);
  const shown = byId('revision');
  if (shown !== null) shown.textContent = `r${revision}`;
  const state = byId('live-state');
  if (state === null) return;
  state.textContent = health === 'ready' ? 'Live' : health;
  if (state.parentElement !== null) state.parentElement.className = `health health-${health}`;
}

function showConnection(lost: boolean): void {
  document.body.classList.toggle('offline', lost);
  const line = byId('connection');
  if (line !== null) line.textContent = lost ? 'Connection lost. What you see may be out of date; trying again …' : '';
  if (isLost && !lost) refresh();
  isLost = lost;
}
