import { Get } from '@nestjs/common';
import { GLOBAL_SCOPE, instantMs, WaygateEngine, type RecordedAuditEntry } from '@waygate/core';
import { AuditReader, Instances, type Principal, Requires } from '../admin/surface.js';
import { Activity } from '../activity/activity.js';
import { switchesFor } from '../page/maintenance-banners.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import type { ChartMark } from '../ui/minute-chart.js';
import { OverviewPage, type Tile } from './overview-page.js';
import { FIRING_MINUTES, unusualIn, upcomingIn, type Situation } from './overview.js';

const RECENT = 8;
const MOST_MARKS = 200;
const HOUR_MS = 3_600_000;
/** Within this time after a change nobody is stale. */
const GRACE_MS = 5_000;

@PageController()
export class OverviewPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly reader: AuditReader,
    private readonly pages: Pages,
    private readonly activity: Activity,
    private readonly instances: Instances,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  async show(@Visiting() visit: Visit): Promise<void> {
    const { who } = visit;
    const { links } = this.pages;
    const now = this.engine.now();
    const situation = await this.#situation(who);
    const since = new Date(now - HOUR_MS).toISOString();
    const { items: changes } = await this.reader.page(who, { filter: { since }, records: null }, MOST_MARKS, null);
    const { items: recent } = await this.reader.page(who, { filter: {}, records: null }, RECENT, null);
    this.pages.page(visit, {
      title: 'Overview',
      section: 'overview',
      charts: true,
      children: (
        <OverviewPage
          tiles={this.#tiles(situation, who)}
          unusual={unusualIn(situation, links)}
          upcoming={upcomingIn(situation, links, now)}
          minutes={this.activity.minutes((route) => this.#covers(who, route))}
          marks={marksOf(changes)}
          recent={recent}
        />
      ),
    });
  }

  async #situation(who: Principal): Promise<Situation> {
    const { sync, rateLimits, health, revision } = this.engine;
    const routes = sync.routes.list().filter(({ service }) => who.sees(service));
    const services = [...new Set(routes.map(({ service }) => service))].filter((service) => service !== null);
    const seesAll = who.services === null;
    const { items } = await this.engine.audit.list({ limit: 1 });
    const isSettled = items.every(({ at }) => this.engine.now() - instantMs(at) > GRACE_MS);
    return {
      health,
      switches: switchesFor(this.engine, who),
      routes,
      scopeLimits: [
        { service: null, view: rateLimits.global.read() },
        ...services.map((service) => ({ service, view: rateLimits.forService(service).read() })),
      ],
      flags: seesAll ? sync.flags.list() : [],
      stale: seesAll ? this.engine.flags.stale() : [],
      webhooks: seesAll && who.has('admin') ? await this.engine.webhooks.list() : [],
      instances: this.instances.list().filter(({ service }) => who.sees(service)),
      expectedRevision: isSettled ? revision : null,
      // Global maintenance concerns those too who see one service only.
      upcoming: this.engine
        .upcoming()
        .filter(({ kind, key, service }) => who.sees(service) || (kind === 'maintenance' && key === GLOBAL_SCOPE)),
      refused: this.activity.refusedByRoute(),
      firing: this.activity.limitedByRoute(FIRING_MINUTES),
    };
  }

  #covers(who: Principal, route: string | null): boolean {
    if (who.services === null) return true;
    try {
      return route !== null && who.sees(this.engine.sync.routes.get(route).service);
    } catch {
      return false;
    }
  }

  #tiles({ routes, flags, stale, refused }: Situation, who: Principal): readonly Tile[] {
    const { links } = this.pages;
    const of = (status: string) => routes.filter(({ effective }) => effective.status === status).length;
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

/** Where each revision stands in time, oldest first. */
function marksOf(entries: readonly RecordedAuditEntry[]): readonly ChartMark[] {
  const marks = new Map(entries.map(({ revision, at }) => [revision, { revision, at: instantMs(at) }]));
  return [...marks.values()].toReversed();
}
