import { Get } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { navigationFor } from '../page/navigation.js';
import { Visiting, type Visit } from '../page/visit.js';
import { Empty, PageHead } from '../ui/parts.js';
import { findIn, type Found } from './find-in.js';
import { FoundLinks, PaletteResults } from './palette-results.js';

@PageController('palette')
export class PalettePages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  /** Pages, routes, flags, segments and actions that match. */
  @Get()
  @Requires('viewer', 'filtered')
  find(@Visiting() visit: Visit): void {
    const text = visit.query('q').slice(0, 200);
    const found = findIn(this.#everything(visit), text);
    if (visit.isPartial) return this.pages.piece(visit, <PaletteResults found={found} />);
    this.pages.page(visit, {
      title: 'Find',
      section: 'overview',
      children: (
        <>
          <PageHead title={text === '' ? 'Find' : `Find '${text}'`} />
          <div class="list">
            {found.length === 0 ? <Empty icon="search" title="Nothing matches" /> : <FoundLinks found={found} />}
          </div>
        </>
      ),
    });
  }

  *#everything({ who }: Visit): Iterable<Found> {
    const { links } = this.pages;
    for (const { items } of navigationFor(who))
      for (const { title, path, icon } of items) yield { title, kind: 'page', icon, href: links.to(path), dialog: false };
    if (who.has('operator') && who.services === null) {
      yield { title: 'Start global maintenance', kind: 'action', icon: 'lock', href: links.to('maintenance'), dialog: true };
      yield { title: 'New flag', kind: 'action', icon: 'plus', href: links.to('flags/new'), dialog: true };
      yield { title: 'New segment', kind: 'action', icon: 'plus', href: links.to('segments/new'), dialog: true };
    }
    const acts = who.has('operator');
    for (const { key, service, forceActive, state } of this.engine.sync.routes.list()) {
      if (!who.sees(service)) continue;
      yield { title: key, kind: 'route', icon: 'route', href: links.route(key), dialog: false };
      if (!acts || forceActive) continue;
      const action = state === 'active' ? 'disable' : 'enable';
      yield {
        title: `${action === 'disable' ? 'Disable' : 'Enable'} ${key}`,
        kind: 'action',
        icon: 'right',
        href: links.to(`routes/act/${action}`, { key }),
        dialog: true,
      };
    }
    if (who.services !== null) return;
    for (const { key, enabled, status } of this.engine.sync.flags.list()) {
      yield { title: key, kind: 'flag', icon: 'flag', href: links.flag(key), dialog: false };
      if (acts && status !== 'archived')
        yield {
          title: `Switch ${enabled ? 'off' : 'on'} ${key}`,
          kind: 'action',
          icon: 'right',
          href: `${links.flag(key)}/switch`,
          dialog: true,
        };
    }
    for (const { key } of this.engine.sync.segments.list())
      yield { title: key, kind: 'segment', icon: 'people', href: links.segment(key), dialog: false };
  }
}
