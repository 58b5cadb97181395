import type { ComponentChildren } from 'preact';
import type { Health } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import type { AssetName } from '../assets/asset-store.js';
import { Icon } from '../ui/icon.js';
import type { Links } from './links.js';
import { navigationFor, type Section } from './navigation.js';
import { nextTheme, type Theme } from './themes.js';

/** What every page is told beside its content. */
export interface Frame {
  readonly links: Links;
  readonly asset: (name: AssetName) => string;
  readonly theme: Theme;
}

export interface Shell extends Frame {
  readonly who: Principal;
  /** `null` = nobody signed in: there is nothing to prove. */
  readonly csrf: string | null;
  readonly health: Health;
  readonly environment: string;
  readonly service: string | null;
}

/** htmx without what the content policy forbids: evaluated attributes and styles of its own. */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  disableInheritance: true,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollBehavior: 'auto',
  defaultSettleDelay: 0,
  responseHandling: [
    { code: '204', swap: false },
    { code: '2..', swap: true },
    { code: '409|422', swap: true },
    { code: '...', swap: false, error: true },
  ],
});

interface DocumentProps extends Frame {
  readonly title: string;
  readonly page: string;
  readonly charts?: boolean;
  readonly children: ComponentChildren;
}

export function Document({ links, asset, theme, title, page, charts = false, children }: DocumentProps) {
  return (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <meta name="waygate-root" content={links.root} />
        <title>{title} · Waygate</title>
        <link rel="icon" type="image/svg+xml" href={asset('icon.svg')} />
        <link rel="stylesheet" href={asset('dashboard.css')} />
        {charts ? <link rel="stylesheet" href={asset('charts.css')} /> : null}
        {charts ? <script src={asset('charts.js')} defer /> : null}
        <script src={asset('dashboard.js')} defer />
      </head>
      <body data-page={page}>{children}</body>
    </html>
  );
}

interface LayoutProps extends Shell {
  readonly title: string;
  readonly section: Section;
  readonly charts: boolean;
  readonly toast: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Navigation, the bar above, and the page within them. */
export function Layout(props: LayoutProps) {
  const { links, section, children, toast, ...shell } = props;
  return (
    <Document {...props} page={section}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="shell">
        <Sidebar {...shell} links={links} section={section} />
        <div class="column">
          <Topbar {...shell} links={links} />
          <div id="connection" role="status" aria-live="polite" />
          <main id="main" tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <dialog id="dialog" aria-labelledby="dialog-title">
        <div id="dialog-body" />
      </dialog>
      <Palette links={links} />
      <div id="toasts" role="status" aria-live="polite">
        {toast}
      </div>
    </Document>
  );
}

function Sidebar({ links, who, section, environment, service }: Shell & { readonly section: Section }) {
  return (
    <nav class="sidebar" id="navigation" aria-label="Pages">
      <a class="brand" href={links.to('')}>
        <svg class="brand-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <path d="M3 17V7a7 7 0 0 1 14 0v10" />
          <path d="M8 17V8.5a2 2 0 0 1 4 0V17" />
        </svg>
        Waygate
      </a>
      {navigationFor(who).map((group) => (
        <div class="nav-group" key={group.title}>
          <p class="nav-title">{group.title}</p>
          <ul>
            {group.items.map((item) => (
              <li key={item.section}>
                <a href={links.to(item.path)} aria-current={item.section === section ? 'page' : undefined}>
                  <Icon name={item.icon} />
                  {item.title}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <p class="sidebar-foot">
        <span>{service ?? 'this app'}</span>
        <span class="environment">{environment}</span>
      </p>
    </nav>
  );
}

function Topbar({ links, who, csrf, health, theme }: Shell) {
  return (
    <header class="topbar">
      <button
        type="button"
        class="icon-button menu-button"
        data-menu
        aria-controls="navigation"
        aria-expanded="false"
        aria-label="Pages"
      >
        <Icon name="menu" />
      </button>
      <form class="jump" action={links.to('palette')} method="get" role="search" aria-label="Everything">
        <Icon name="search" />
        <input name="q" placeholder="Go to a route, flag or action" aria-label="Go to" data-palette autoComplete="off" />
        <kbd>Ctrl K</kbd>
      </form>
      <div class="topbar-end">
        <p class={`health health-${health.status}`} title={health.reason === '' ? 'The store answers' : health.reason}>
          <span id="live-state">{health.status === 'ready' ? 'Live' : health.status}</span>
          <span class="revision" id="revision">
            r{health.revision}
          </span>
        </p>
        <form method="post" action={links.to('theme')} class="inline" data-theme-form>
          <Csrf token={csrf} />
          <button
            class="icon-button"
            name="theme"
            value={nextTheme(theme)}
            aria-label={`Theme: ${theme}`}
            title={`Theme: ${theme}`}
          >
            <Icon name="sun" />
          </button>
        </form>
        <div class="who">
          <span class="who-name">{who.name}</span>
          <span class="who-role">{who.role}</span>
        </div>
        {who.session === null ? null : (
          <form method="post" action={links.to('logout')} class="inline">
            <button class="icon-button" aria-label="Sign out" title="Sign out">
              <Icon name="out" />
            </button>
          </form>
        )}
      </div>
    </header>
  );
}

function Palette({ links }: { readonly links: Links }) {
  return (
    <dialog id="palette" class="palette" aria-label="Go to">
      <form method="get" action={links.to('palette')}>
        <Icon name="search" />
        <input
          id="palette-input"
          name="q"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-results"
          aria-label="Go to a route, flag, segment, page or action"
          placeholder="Routes, flags, segments, pages, actions…"
          autoComplete="off"
          hx-get={links.to('palette')}
          hx-trigger="input changed delay:80ms, waygate:open"
          hx-target="#palette-results"
          hx-swap="innerHTML"
          hx-sync="this:replace"
        />
        <kbd>Esc</kbd>
      </form>
      <div id="palette-results" role="listbox" aria-label="Results" tabIndex={-1} />
    </dialog>
  );
}

/** Proves that a form was made by this dashboard for this session. */
export function Csrf({ token }: { readonly token: string | null }) {
  return token === null ? null : <input type="hidden" name="_csrf" value={token} />;
}
