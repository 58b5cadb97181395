import { renumber } from './lists.js';
import { around } from './page.js';

/** Rules are put in order by dragging them by their grip. */
export function startRuleDragging(): void {
  let dragged: HTMLElement | null = null;
  document.addEventListener('pointerdown', (event) => {
    const rule = around(event, '[data-grip]')?.closest<HTMLElement>('.rule');
    if (rule) rule.draggable = true;
  });
  document.addEventListener('dragstart', (event) => {
    dragged = around(event, '.rule');
    dragged?.classList.add('dragging');
  });
  document.addEventListener('dragover', (event) => {
    const over = around(event, '.rule');
    if (dragged === null || over === null || over === dragged || over.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  document.addEventListener('dragend', () => {
    if (dragged === null) return;
    dragged.classList.remove('dragging');
    dragged.draggable = false;
    if (dragged.parentElement !== null) renumber(dragged.parentElement);
    dragged = null;
  });
}
