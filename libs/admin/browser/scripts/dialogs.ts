import { onArrival } from './arrivals.js';
import { around, byId, closeMenus, FIRST_CONTROL } from './page.js';
import { refresh } from './refresh.js';
import { clearSelection } from './selection.js';

/** Opens forms as a dialog, and closes it when they are done. */
export function startDialogs(): void {
  const dialog = byId('dialog', HTMLDialogElement);
  let opener: HTMLElement | null = null;
  document.addEventListener('click', (event) => {
    const link = around(event, '[hx-target="#dialog-body"]');
    if (link !== null) {
      opener = link.closest('details.menu')?.querySelector('summary') ?? link;
      closeMenus();
    }
    if (around(event, '[data-close]') !== null && dialog?.open === true) {
      event.preventDefault();
      dialog.close();
    }
    if (event.target === dialog) dialog?.close();
    closeMenus(event.target);
  });
  dialog?.addEventListener('close', () => {
    byId('dialog-body')?.replaceChildren();
    if (opener?.isConnected === true) opener.focus();
    else byId('main')?.focus();
  });
  document.addEventListener('waygate:done', () => {
    if (dialog?.open === true) dialog.close();
    clearSelection();
    refresh();
  });
  onArrival((target) => {
    if (dialog === null || target?.id !== 'dialog-body' || target.childElementCount === 0) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector('[role="alert"]')?.scrollIntoView({ block: 'nearest' });
    const wrong = dialog.querySelector<HTMLElement>('.dialog-content [aria-invalid="true"]');
    (wrong ?? dialog.querySelector<HTMLElement>(`.dialog-content :is(${FIRST_CONTROL}), .dialog-foot .primary`))?.focus();
  });
}
