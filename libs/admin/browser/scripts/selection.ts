import { onArrival } from './arrivals.js';

/** Keys of the chosen routes, those on other pages of the list included. */
const selected = new Set<string>();
const BOX = 'input[name="key"][form="bulk"]';
const boxes = () => [...document.querySelectorAll<HTMLInputElement>(BOX)];

/** Rows that are chosen stay chosen while their list is fetched again, filtered, and paged. */
export function startSelection(): void {
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches(`[data-select-all], ${BOX}`)) return;
    if (target.matches('[data-select-all]')) for (const box of boxes()) box.checked = target.checked;
    for (const box of boxes()) {
      if (box.checked) selected.add(box.value);
      else selected.delete(box.value);
    }
    showSelection();
  });
  onArrival(() => {
    for (const box of boxes()) box.checked = selected.has(box.value);
    showSelection();
  });
}

export function clearSelection(): void {
  selected.clear();
  for (const box of boxes()) box.checked = false;
  showSelection();
}

function showSelection(): void {
  const bar = document.querySelector('[data-bulk]');
  if (bar === null) return;
  bar.toggleAttribute('data-active', selected.size > 0);
  const text = bar.querySelector('[data-bulk-count]');
  if (text !== null) text.textContent = `${selected.size} selected`;
  const all = document.querySelector<HTMLInputElement>('[data-select-all]');
  if (all === null) return;
  const shown = boxes();
  const checked = shown.filter((box) => box.checked).length;
  all.checked = checked > 0 && checked === shown.length;
  all.indeterminate = checked > 0 && checked < shown.length;
}
