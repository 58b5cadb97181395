import htmx from 'htmx.org';
import { around, byId } from './page.js';

/** The dialog that leads to pages, records and actions. */
export function startPalette(): void {
  const palette = byId('palette', HTMLDialogElement);
  const input = byId('palette-input', HTMLInputElement);
  if (palette === null || input === null) return;
  const results = () => [...palette.querySelectorAll<HTMLElement>('.result')];
  const current = () => results().findIndex((result) => result.getAttribute('aria-selected') === 'true');
  /** The text that the results are for. */
  let shownFor: string | null = null;
  let chooseWhenShown = false;

  function open(): void {
    if (palette === null || input === null || palette.open) return;
    palette.showModal();
    chooseWhenShown = false;
    input.value = '';
    input.focus();
    htmx.trigger(input, 'waygate:open', {});
  }

  function select(index: number): void {
    const all = results();
    const chosen = all.at(index % Math.max(1, all.length));
    if (chosen === undefined) return;
    for (const result of all) result.setAttribute('aria-selected', String(result === chosen));
    chosen.scrollIntoView({ block: 'nearest' });
    input?.setAttribute('aria-activedescendant', chosen.id);
  }

  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') select(current() + 1);
    else if (event.key === 'ArrowUp') select(current() - 1);
    else if (event.key === 'Enter') {
      // Results of an earlier text are not what is meant.
      if (shownFor === input.value) (results()[current()] ?? results()[0])?.click();
      else chooseWhenShown = true;
    } else return;
    event.preventDefault();
  });
  document.addEventListener('htmx:afterSettle', ({ detail }) => {
    if (detail.target.id !== 'palette-results') return;
    const path = detail.pathInfo.responsePath ?? detail.pathInfo.finalRequestPath;
    shownFor = new URL(path, location.href).searchParams.get('q') ?? '';
    select(0);
    if (!chooseWhenShown || shownFor !== input.value) return;
    chooseWhenShown = false;
    results()[0]?.click();
  });
  palette.addEventListener('click', (event) => {
    if (event.target === palette || around(event, '[hx-target="#dialog-body"]') !== null) palette.close();
  });
  for (const opener of document.querySelectorAll<HTMLElement>('[data-palette]')) {
    opener.addEventListener('focus', () => {
      opener.blur();
      open();
    });
  }
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    open();
  });
}
