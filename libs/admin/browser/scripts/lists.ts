import { around, byId, FIRST_CONTROL } from './page.js';
import { startRolloutsIn } from './rollouts.js';

/** Lists in forms that grow, shrink, and are put in order: rules, conditions, variations. */
export function startLists(): void {
  document.addEventListener('click', (event) => {
    const adds = around(event, '[data-add]');
    if (adds !== null) add(adds);
    const removes = around(event, '[data-remove]');
    if (removes !== null) remove(removes);
    const moves = around(event, '[data-move]');
    if (moves !== null) move(moves);
  });
}

function add(button: HTMLElement): void {
  const { add: id = '' } = button.dataset;
  const item = byId(id, HTMLTemplateElement)?.content.firstElementChild?.cloneNode(true);
  const list = button.closest('[data-list-scope]')?.querySelector(`[data-list="${id}"]`);
  if (!(item instanceof HTMLElement) || !list) return;
  list.append(item);
  renumber(list);
  startRolloutsIn(item);
  item.querySelector<HTMLElement>(FIRST_CONTROL)?.focus();
}

function remove(button: HTMLElement): void {
  const item = button.closest(button.dataset['remove'] ?? '*');
  const list = item?.parentElement;
  if (!item || !list) return;
  item.remove();
  renumber(list);
  const addButton = list.closest('[data-list-scope]')?.querySelector<HTMLElement>(`[data-add="${list.dataset['list']}"]`);
  (list.querySelector<HTMLElement>(FIRST_CONTROL) ?? addButton)?.focus();
}

function move(button: HTMLElement): void {
  const rule = button.closest('.rule');
  if (!rule?.parentElement) return;
  if (button.dataset['move'] === 'up') rule.previousElementSibling?.before(rule);
  else rule.nextElementSibling?.after(rule);
  renumber(rule.parentElement);
  button.focus();
}

export function renumber(list: Element): void {
  list.querySelectorAll('.rule-number').forEach((number, index) => (number.textContent = `${index + 1}`));
}
