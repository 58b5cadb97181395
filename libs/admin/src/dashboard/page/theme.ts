import type { IncomingMessage } from 'node:http';

/** `auto` = as the browser prefers. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const THEME_COOKIE = 'waygate_theme';

export function themeOf(request: IncomingMessage): Theme {
  const [, value] = /(?:^|;\s*)waygate_theme=([a-z]+)/.exec(request.headers.cookie ?? '') ?? [];
  return THEMES.find((theme) => theme === value) ?? 'auto';
}
