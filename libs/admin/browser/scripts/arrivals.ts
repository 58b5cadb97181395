type Listener = (target: Element | null) => void;

const listeners: Listener[] = [];

/** Calls back after the page was loaded (`null`) and after each piece of it that htmx put in place, in the order of registration. */
export function onArrival(listener: Listener): void {
  listeners.push(listener);
}

/** Call once, after everybody registered. */
export function startArrivals(): void {
  document.addEventListener('htmx:afterSettle', ({ detail }) => arrived(detail.target));
  arrived(null);
}

function arrived(target: Element | null): void {
  for (const listener of listeners) listener(target);
  document.dispatchEvent(new CustomEvent('waygate:arrived'));
}
