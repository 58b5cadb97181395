import { around, byId } from './page.js';

/** The list of pages on narrow screens, behind a button. */
export function startNavigation(): void {
  const button = document.querySelector('[data-menu]');
  const isOpen = () => document.body.classList.contains('navigation-open');
  const toggle = (open: boolean) => {
    document.body.classList.toggle('navigation-open', open);
    button?.setAttribute('aria-expanded', String(open));
    if (open) byId('navigation')?.querySelector('a')?.focus();
  };
  button?.addEventListener('click', () => toggle(!isOpen()));
  document.addEventListener('click', (event) => {
    if (isOpen() && around(event, '#navigation, [data-menu]') === null) toggle(false);
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') toggle(false);
  });
}
