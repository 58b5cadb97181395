import type { ComponentChildren } from 'preact';
import type { Health } from '@waygate/core';
import type { AssetName } from '../assets/asset-store.js';
import { BrandMark, Icon } from '../ui/icon.js';
import type { Links } from '../ui/links.js';
import { navigationFor, type Section } from './navigation.js';
import { nextTheme, type Theme } from './themes.js';
import { Csrf, useView } from '../ui/view.js';

/** What every page is told beside its content. */
export interface Frame {
  readonly links: Links;
  readonly asset: (name: AssetName) => string;
  readonly theme: Theme;
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

interface LayoutProps extends Frame {
  readonly title: string;
  readonly section: Section;
  readonly charts: boolean;
  readonly health: Health;
  readonly environment: string;
  readonly service: string | null;
  /** What every page says first. */
  readonly banners: ComponentChildren;
  readonly toast: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Navigation, the bar above, and the page within them. */
export function Layout(props: LayoutProps) {
  const { section, health, environment, service, theme, banners, children, toast } = props;
  return (
    <Document {...props} page={section}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="shell">
        <Sidebar section={section} environment={environment} service={service} />
        <div class="column">
          <Topbar health={health} theme={theme} />
          <div id="connection" role="status" aria-live="polite" />
          <main id="main" tabIndex={-1}>
            {banners}
            {children}
          </main>
        </div>
      </div>
      <dialog id="dialog" aria-labelledby="dialog-title">
        <div id="dialog-body" />
      </dialog>
      <Palette />
      <div id="toasts" role="status" aria-live="polite">
        {toast}
      </div>
    </Document>
  );
}

function Sidebar({ section, environment, service }: Pick<LayoutProps, 'section' | 'environment' | 'service'>) {
  const { links, who } = useView();
  return (
    <nav class="sidebar" id="navigation" aria-label="Pages">
      <a class="brand" href={links.to('')}>
        <BrandMark size={20} />
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

function Topbar({ health, theme }: Pick<LayoutProps, 'health' | 'theme'>) {
  const { links, who } = useView();
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
          <Csrf />
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

function Palette() {
  const { links } = useView();
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
