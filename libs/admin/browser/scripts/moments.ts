import { onArrival } from './arrivals.js';

/** Date fields: typed in the viewer's zone, sent in UTC. */
export function startMoments(): void {
  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('[data-moment]')) return;
    showZone(target);
    if (target.name === 'expires_at') chooseDate(target);
  });
  document.addEventListener('htmx:configRequest', ({ target, detail }) => {
    const form = target instanceof Element ? target.closest('form') : null;
    if (form === null || detail.verb === 'get') return;
    for (const input of momentsIn(form))
      if (input.value !== '') detail.parameters.set(input.name, new Date(input.value).toISOString());
  });
  onArrival(() => {
    for (const input of momentsIn(document)) {
      toLocal(input);
      showZone(input);
    }
  });
}

function momentsIn(scope: ParentNode): Iterable<HTMLInputElement> {
  return scope.querySelectorAll<HTMLInputElement>('input[data-moment]');
}

/** A rejected form comes back with the UTC time that was sent. */
function toLocal(input: HTMLInputElement): void {
  const { utc } = input.dataset;
  delete input.dataset['utc'];
  if (utc === undefined) return;
  const at = new Date(utc);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  if (!Number.isNaN(local.getTime())) input.value = local.toISOString().slice(0, 16);
}

function showZone(input: HTMLInputElement): void {
  const output = input.parentElement?.querySelector('output');
  if (!output) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const at = new Date(input.value);
  output.textContent = Number.isNaN(at.getTime()) ? zone : `${zone} · ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A typed date selects the choice that asks for one. */
function chooseDate(input: HTMLInputElement): void {
  const select = input.form?.elements.namedItem('expires_in');
  if (select instanceof HTMLSelectElement) select.value = input.value === '' ? '' : 'at';
}
