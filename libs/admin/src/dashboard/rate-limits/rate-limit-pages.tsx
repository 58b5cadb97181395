import { Get } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { visibleServices } from '../page/visible-services.js';
import { Visiting, type Visit } from '../page/visit.js';
import { RateLimitsPage } from './rate-limits-page.js';

/** The list of all limits, and of routes without one. */
@PageController('rate-limits')
export class RateLimitPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  list(@Visiting() visit: Visit): void {
    const { who } = visit;
    const { rateLimits, stats, sync } = this.engine;
    const { q: search = '' } = visit.filter('q');
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const isWanted = ({ key, service }: { readonly key: string; readonly service: string | null }) =>
      who.sees(service) && words.every((word) => key.toLowerCase().includes(word));
    const limits = sync.rateLimits.list().filter(isWanted);
    const limited = new Set(limits.filter(({ policies }) => policies.length > 0).map(({ key }) => key));
    const requests = new Map(stats.byRoute().map((figures) => [figures.route ?? '', figures.requests]));
    const services = visibleServices(this.engine, who);
    this.pages.page(visit, {
      title: 'Rate limits',
      section: 'rate-limits',
      children: (
        <RateLimitsPage
          limits={limits}
          unprotected={sync.routes
            .list()
            .filter((route) => isWanted(route) && !limited.has(route.key) && !route.forceActive)
            .map((route) => ({ route, requests: requests.get(route.key) ?? 0 }))
            .toSorted((a, b) => b.requests - a.requests)}
          scopes={[
            { service: null, view: rateLimits.global.read() },
            ...services.map((service) => ({ service, view: rateLimits.forService(service).read() })),
          ]}
          search={search}
        />
      ),
    });
  }
}
