import { Controller, Get, UseFilters } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { AuditReader } from '../../audit/audit-reader.js';
import type { Principal } from '../../auth/principal.js';
import { Requires } from '../../auth/requires.js';
import { Activity } from '../activity/activity.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { OverviewPage, type Tile } from './overview-page.js';
import { unusualIn, upcomingIn, type Situation } from './overview.js';

const RECENT = 8;

@Controller()
@UseFilters(PageErrorsFilter)
export class OverviewPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly reader: AuditReader,
    private readonly pages: Pages,
    private readonly activity: Activity,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  async show(@Visiting() visit: Visit): Promise<void> {
    const { who } = visit;
    const { links } = this.pages;
    const now = this.engine.now();
    const situation = await this.#situation(who);
    const { items } = await this.reader.page(who, { filter: {}, path: null }, RECENT, null);
    this.pages.page(visit, {
      title: 'Overview',
      section: 'overview',
      charts: true,
      children: (
        <OverviewPage
          tiles={this.#tiles(situation, who)}
          unusual={unusualIn(situation, links)}
          upcoming={upcomingIn(situation, links, now)}
          minutes={this.activity.minutes()}
          recent={items}
          who={who}
          csrf={this.pages.csrf(visit)}
          links={links}
          now={now}
        />
      ),
    });
  }

  async #situation(who: Principal): Promise<Situation> {
    const { sync, rateLimits, health } = this.engine;
    const routes = sync.routes.list().filter(({ service }) => who.sees(service));
    const services = [...new Set(routes.map(({ service }) => service))].filter((service) => service !== null);
    const seesAll = who.services === null;
    return {
      health,
      global: sync.maintenance.get(),
      services: services.map((service) => ({ service, view: sync.maintenance.forService(service) })),
      routes,
      limits: sync.rateLimits.list().filter(({ service }) => who.sees(service)),
      globalLimit: rateLimits.global.read(),
      flags: seesAll ? sync.flags.list() : [],
      stale: seesAll ? this.engine.flags.stale() : [],
      webhooks: seesAll && who.has('admin') ? await this.engine.webhooks.list() : [],
      refused: this.activity.refusedByRoute(),
    };
  }

  #tiles({ routes, flags, stale, refused }: Situation, who: Principal): readonly Tile[] {
    const { links } = this.pages;
    const of = (status: string) => routes.filter((route) => route.status === status).length;
    const keys = new Set(routes.map(({ key }) => key));
    const refusals = [...refused].filter(([key]) => keys.has(key)).reduce((sum, [, count]) => sum + count, 0);
    return [
      { label: 'routes', value: routes.length, href: links.to('routes') },
      { label: 'in maintenance', value: of('maintenance'), href: links.to('routes', { status: 'maintenance' }), tone: 'warn' },
      { label: 'disabled', value: of('disabled'), href: links.to('routes', { status: 'disabled' }), tone: 'bad' },
      { label: 'refused in 1 h', value: refusals, href: links.to('blocked') },
      ...(who.services === null
        ? ([
            { label: 'flags on', value: flags.filter(({ enabled }) => enabled).length, href: links.to('flags') },
            { label: 'stale flags', value: stale.length, href: links.to('flags', { stale: 'yes' }), tone: 'warn' },
          ] as const)
        : []),
    ];
  }
}
