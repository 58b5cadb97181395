import { around } from './page.js';

/** Buttons that copy a text. */
export function startCopying(): void {
  document.addEventListener('click', (event) => {
    const button = around(event, '[data-copy]');
    if (button === null) return;
    const say = (text: string) => () => (button.textContent = text);
    // Only pages that came over HTTPS, or from this computer, have a clipboard.
    if (!isSecureContext) return;
    void navigator.clipboard.writeText(button.dataset['copy'] ?? '').then(say('Copied'), say('Select and copy it'));
  });
}
