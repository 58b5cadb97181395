import { onArrival } from './arrivals.js';
import { around, byId } from './page.js';

const SHOWN_MS = 12_000;
/** A toast under the pointer or with the focus stays this much longer. */
const LONGER_MS = 2_000;

/** Short messages: of what was done, and of requests that failed. */
export function startToasts(): void {
  onArrival(() => {
    for (const toast of document.querySelectorAll<HTMLElement>('[data-toast]')) removeLater(toast);
  });
  document.addEventListener('click', (event) => around(event, '[data-dismiss]')?.closest('[data-toast]')?.remove());
  document.addEventListener('htmx:responseError', ({ detail }) => {
    const { status, responseText } = detail.xhr;
    if (status !== 401) showError(responseText.startsWith('<') ? `That did not work (${status}).` : responseText);
  });
  document.addEventListener('htmx:sendError', () => showError('The server cannot be reached. Nothing was changed.'));
}

function removeLater(toast: HTMLElement): void {
  if (toast.dataset['timed'] !== undefined) return;
  toast.dataset['timed'] = 'yes';
  const remove = () => {
    if (toast.matches(':hover, :focus-within')) setTimeout(remove, LONGER_MS);
    else toast.remove();
  };
  setTimeout(remove, SHOWN_MS);
}

function showError(text: string): void {
  const toast = document.createElement('div');
  toast.className = 'toast toast-error';
  toast.dataset['toast'] = '';
  const line = document.createElement('p');
  line.textContent = text;
  const button = document.createElement('button');
  button.className = 'link';
  button.type = 'button';
  button.dataset['dismiss'] = '';
  button.textContent = 'Dismiss';
  toast.append(line, button);
  byId('toasts')?.append(toast);
  removeLater(toast);
}
