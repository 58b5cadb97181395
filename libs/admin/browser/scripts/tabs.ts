import { onArrival } from './arrivals.js';

/** How far each list of tabs is scrolled, by its name. It stays so when the list is fetched again. */
const scrolledTo = new Map<string, number>();
const ROOM_BEFORE_PX = 40;

/** Scrolls the current tab into view where not all tabs fit. */
export function startTabs(): void {
  onArrival(() => {
    for (const tab of document.querySelectorAll('.tab[aria-current]')) showTab(tab);
  });
}

function showTab(tab: Element): void {
  const tabs = tab.parentElement;
  if (tabs === null || tabs.dataset['shown'] !== undefined) return;
  tabs.dataset['shown'] = 'yes';
  const name = tabs.getAttribute('aria-label') ?? '';
  const left = tab.getBoundingClientRect().left - tabs.getBoundingClientRect().left - ROOM_BEFORE_PX;
  tabs.scrollLeft = scrolledTo.get(name) ?? left;
  tabs.addEventListener('scroll', () => scrolledTo.set(name, tabs.scrollLeft), { passive: true });
}
