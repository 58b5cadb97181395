/** `auto` = as the browser prefers. Used by the server and by the page's script. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_COOKIE = 'waygate_theme';
/** A year. */
export const THEME_SECONDS = 31_536_000;

/** @param cookies the header `Cookie` */
export function themeIn(cookies: string): Theme {
  const [, value] = /(?:^|;\s*)waygate_theme=([a-z]+)/.exec(cookies) ?? [];
  return THEMES.find((theme) => theme === value) ?? 'auto';
}

/** The theme that the button of the page changes to. */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
}
