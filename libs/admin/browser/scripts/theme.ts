import { nextTheme, THEME_COOKIE, THEME_SECONDS, THEMES } from '../../src/dashboard/page/themes.js';
import { ROOT } from './page.js';

/** Changes the theme without leaving the page. */
export function startTheme(): void {
  const form = document.querySelector('[data-theme-form]');
  const button = form?.querySelector('button');
  if (!button) return;
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    const theme = THEMES.find((known) => known === button.value) ?? 'auto';
    document.documentElement.dataset['theme'] = theme;
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${THEME_COOKIE}=${theme}; Path=${ROOT || '/'}; Max-Age=${THEME_SECONDS}; SameSite=Strict${secure}`;
    button.value = nextTheme(theme);
    button.title = `Theme: ${theme}`;
    button.setAttribute('aria-label', `Theme: ${theme}`);
    document.dispatchEvent(new CustomEvent('waygate:theme'));
  });
}
