import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { ADMIN_CONFIG, type AdminConfig, type AdminRequest, SessionTokens } from '../admin/surface.js';
import { AssetStore } from '../assets/asset-store.js';
import { Banners, switchesFor } from './maintenance-banners.js';
import { Document, Layout, type Frame } from './layout.js';
import { Links } from '../ui/links.js';
import type { Section } from './navigation.js';
import { themeIn } from './themes.js';
import { Toast } from './toast.js';
import { ViewContext } from '../ui/view.js';
import type { Visit } from './visit.js';

interface PageModel {
  readonly title: string;
  readonly section: Section;
  /** Loads what charts need. */
  readonly charts?: boolean;
  readonly children: ComponentChildren;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Sends pages and pieces of pages. */
@Injectable()
export class Pages {
  readonly links: Links;

  constructor(
    private readonly engine: WaygateEngine,
    private readonly assets: AssetStore,
    private readonly sessions: SessionTokens,
    @Inject(ADMIN_CONFIG) config: AdminConfig,
  ) {
    this.links = new Links(config.path === '' ? '' : `/${config.path}`);
  }

  /** A whole page. */
  page(visit: Visit, { title, section, charts = false, children }: PageModel, status = 200): void {
    const undo = visit.query('done').split('.').filter(isRevision).map(Number);
    const { health, environment, service, revision } = this.engine;
    const page = (
      <Layout
        {...this.#frame(visit.request)}
        title={title}
        section={section}
        charts={charts}
        toast={undo.length === 0 ? null : <Toast message="Saved." undo={undo} />}
        banners={<Banners switches={switchesFor(this.engine, visit.who)} troubles={this.engine.troubles} />}
        health={{ ...health, revision }}
        environment={environment}
        service={service}
      >
        {children}
      </Layout>
    );
    send(visit.response, `<!doctype html>${this.#render(visit, page)}`, status);
  }

  /** A piece of a page. */
  piece(visit: Visit, piece: VNode, status = 200): void {
    send(visit.response, this.#render(visit, piece), status);
  }

  /** What a dialog contains: alone where htmx asks, else within a page. */
  dialog(
    visit: Visit,
    { title, section, children }: Omit<PageModel, 'charts'> & { readonly children: VNode },
    status = 200,
  ): void {
    if (!visit.isPartial)
      return this.page(visit, { title, section, children: <div class="dialog-page">{children}</div> }, status);
    visit.response.setHeader('hx-retarget', '#dialog-body');
    visit.response.setHeader('hx-reswap', 'innerHTML');
    this.piece(visit, children, status);
  }

  /** A page for those who are not signed in. */
  bare(request: AdminRequest, response: ServerResponse, title: string, children: ComponentChildren, status = 200): void {
    const page = (
      <Document {...this.#frame(request)} title={title} page="bare">
        {children}
      </Document>
    );
    send(response, `<!doctype html>${renderToString(page)}`, status);
  }

  #render({ who }: Visit, node: VNode): string {
    const csrf = who.session?.byCookie === true ? this.sessions.csrfToken(who.session.id) : null;
    const view = { who, links: this.links, csrf, now: this.engine.now() };
    return renderToString(<ViewContext.Provider value={view}>{node}</ViewContext.Provider>);
  }

  #frame(request: AdminRequest): Frame {
    return {
      links: this.links,
      asset: (name) => this.links.asset(this.assets.hashed(name)),
      theme: themeIn(request.headers.cookie ?? ''),
    };
  }
}

function isRevision(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function send(response: ServerResponse, html: string, status: number): void {
  const bytes = Buffer.from(html);
  response.statusCode = status;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
}
