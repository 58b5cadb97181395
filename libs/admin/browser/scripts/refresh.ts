import htmx from 'htmx.org';

/** Several changes within this time are fetched together. */
const GATHER_MS = 40;
const RETRY_MS = 1_000;
const TRAFFIC_MS = 5_000;

/** Whether a part of the page is older than the last known change. */
let behind = false;
let refreshing: ReturnType<typeof setTimeout> | undefined;

/** Fetches the live parts of the page again, as soon as that disturbs nobody. */
export function refresh(): void {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => {
    behind = isBusy();
    if (!behind) htmx.trigger(document.body, 'waygate:changed', {});
  }, GATHER_MS);
}

/** A menu that is open is not pulled away from under the pointer. */
function isBusy(): boolean {
  return document.hidden || document.querySelector('details.menu[open]') !== null;
}

/** Live parts: fetched again after a change, and every few seconds where they show traffic. */
export function startRefresh(): void {
  const catchUp = () => behind && refresh();
  setInterval(catchUp, RETRY_MS);
  document.addEventListener('visibilitychange', catchUp);
  setInterval(refreshTraffic, TRAFFIC_MS);
  // A part may be fetched again while a search for it is under way. The answer to the search then belongs in the new part.
  document.addEventListener('htmx:beforeOnLoad', ({ detail }) => {
    const { target, requestConfig } = detail;
    if (target.id !== '' && !target.isConnected && target !== requestConfig.elt)
      detail.target = document.getElementById(target.id) ?? target;
  });
  keepWhatIsInUse();
}

function refreshTraffic(): void {
  if (isBusy()) return;
  for (const part of document.querySelectorAll('[data-traffic]')) {
    // A part that has the keyboard focus stays as it is.
    if (!part.contains(document.activeElement)) htmx.trigger(part, 'waygate:traffic', {});
  }
}

/** What is open, pressed, or waiting for an answer within a part survives when that part is fetched again. */
function keepWhatIsInUse(): void {
  const pressed = followPointer();
  const opened = new Set<string>();
  document.addEventListener('htmx:beforeSwap', (event) => {
    const { target, requestConfig } = event.detail;
    const isOwn = target === requestConfig.elt;
    // What waits for an answer within the part would be gone when that comes, as would a menu that was opened while the part was on its
    // way: it is fetched again afterwards.
    if (isOwn && (target.contains(pressed()) || target.querySelector('.htmx-request, details.menu[open]') !== null)) {
      behind = true;
      event.preventDefault();
      return;
    }
    // The part's own answer, still under way, is dropped now. It may contain something that this one does not.
    if (!isOwn && target.classList.contains('htmx-request')) behind = true;
    opened.clear();
    for (const { id } of target.querySelectorAll('details[open][id]')) opened.add(id);
  });
  document.addEventListener('htmx:afterSwap', () => {
    for (const id of opened) {
      const details = document.getElementById(id);
      if (details instanceof HTMLDetailsElement) details.open = true;
    }
  });
}

/** What the pointer is pressed on: a click ends where it began, or is none. */
function followPointer(): () => Node | null {
  let pressed: Node | null = null;
  addEventListener(
    'pointerdown',
    ({ button, target }) => {
      pressed = button === 0 && target instanceof Node ? target : null;
    },
    true,
  );
  // The click itself comes after this.
  const release = () => {
    if (pressed !== null) setTimeout(() => (pressed = null));
  };
  for (const type of ['pointerup', 'pointercancel']) addEventListener(type, release, true);
  // It was released where no page hears of it.
  addEventListener('pointermove', ({ buttons }) => buttons === 0 && release(), true);
  // Of the window, not of what had the focus before the press.
  addEventListener('blur', release);
  return () => pressed;
}
