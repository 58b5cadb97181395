import type { ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { WaygateEngine, type RecordKind } from '@waygate/core';
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { ADMIN_CONFIG, type AdminConfig } from '../../config/admin-config.js';
import { SessionTokens } from '../../auth/session-tokens.js';
import type { AdminRequest } from '../../http/admin-request.js';
import { AssetStore } from '../assets/asset-store.js';
import { Toast } from './toast.js';
import { DialogFrame, type DialogModel } from './dialog.js';
import { Document, Layout, type Frame, type Shell } from './layout.js';
import { Links } from './links.js';
import type { Section } from './navigation.js';
import { themeIn } from './themes.js';
import type { Visit } from './visit.js';

export interface PageModel {
  readonly title: string;
  readonly section: Section;
  /** Loads what charts need. */
  readonly charts?: boolean;
  readonly children: ComponentChildren;
}

/** A change that was made. */
export interface Done {
  /** What happened, in a sentence. */
  readonly message: string;
  /** Revisions that *undo* takes back; none = it cannot be undone. */
  readonly undo?: readonly number[];
  /** Where a browser without scripts, or after something was removed, goes next; below the mount. */
  readonly back: string;
  /** Leaves the page that shows what is gone. */
  readonly leave?: boolean;
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

/** Sends pages, pieces of pages, and what follows a change. */
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
    const toast = undo.length === 0 ? null : <Toast links={this.links} csrf={this.csrf(visit)} message="Saved." undo={undo} />;
    send(
      visit.response,
      <Layout {...this.#shell(visit)} title={title} section={section} charts={charts} toast={toast}>
        {children}
      </Layout>,
      status,
    );
  }

  /** A form: alone for a dialog, within a page where there is no script. */
  dialog(visit: Visit, section: Section, model: Omit<DialogModel, 'csrf' | 'links' | 'alone'>, status = 200): void {
    const frame = <DialogFrame {...model} alone={!visit.isPartial} csrf={this.csrf(visit)} links={this.links} />;
    if (visit.isPartial) {
      visit.response.setHeader('hx-retarget', '#dialog-body');
      visit.response.setHeader('hx-reswap', 'innerHTML');
      return sendPiece(visit.response, frame, status);
    }
    this.page(visit, { title: model.title, section, children: <div class="dialog-page">{frame}</div> }, status);
  }

  /** Says that it is done, and how to undo it. */
  done(visit: Visit, { message, undo = [], back, leave = false }: Done): void {
    const { response } = visit;
    const target = this.links.to(back);
    if (!visit.isPartial || leave) {
      const query = undo.length === 0 ? '' : `${target.includes('?') ? '&' : '?'}done=${undo.join('.')}`;
      if (visit.isPartial) response.setHeader('hx-redirect', target + query);
      else response.setHeader('location', target + query);
      response.writeHead(visit.isPartial ? 204 : 303).end();
      return;
    }
    response.setHeader('hx-retarget', '#toasts');
    response.setHeader('hx-reswap', 'beforeend');
    response.setHeader('hx-trigger', '{"waygate:done":{}}');
    sendPiece(response, <Toast links={this.links} csrf={this.csrf(visit)} message={message} undo={undo} />, 200);
  }

  /** A piece of a page. */
  piece(visit: Visit, piece: VNode, status = 200): void {
    sendPiece(visit.response, piece, status);
  }

  /** A page for those who are not signed in. */
  bare(request: AdminRequest, response: ServerResponse, title: string, children: ComponentChildren, status = 200): void {
    send(
      response,
      <Document {...this.#frame(request)} title={title} page="bare">
        {children}
      </Document>,
      status,
    );
  }

  /** What forms must carry; `null` = nobody signed in. */
  csrf({ who }: Visit): string | null {
    return who.session?.byCookie === true ? this.sessions.csrfToken(who.session.id) : null;
  }

  /** The revision of the latest change to a record, for *undo*; empty = it is not in the log. */
  async latest(kind: RecordKind, key: string): Promise<readonly number[]> {
    const { items } = await this.engine.audit.list({ kind, key, limit: 1 });
    return items.map(({ revision }) => revision);
  }

  #shell(visit: Visit): Shell {
    const { health, environment, service, revision } = this.engine;
    const now = { ...health, revision };
    return { ...this.#frame(visit.request), who: visit.who, csrf: this.csrf(visit), health: now, environment, service };
  }

  #frame(request: AdminRequest): Frame {
    return { links: this.links, asset: (name) => this.links.asset(this.assets.hashed(name)), theme: themeIn(request.headers.cookie ?? '') };
  }
}

function isRevision(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function send(response: ServerResponse, page: VNode, status: number): void {
  finish(response, `<!doctype html>${renderToString(page)}`, status);
}

function sendPiece(response: ServerResponse, piece: VNode, status: number): void {
  finish(response, renderToString(piece), status);
}

function finish(response: ServerResponse, html: string, status: number): void {
  const bytes = Buffer.from(html);
  response.statusCode = status;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
}
