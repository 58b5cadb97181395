import { Get } from '@nestjs/common';
import { WaygateEngine, type RateLimitHit } from '@waygate/core';
import { type Principal, Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { BlockedPage } from './blocked-page.js';
import { topOf } from './top-callers.js';

const PAGE_SIZE = 100;

@PageController('blocked')
export class BlockedPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  async list(@Visiting() visit: Visit): Promise<void> {
    const filter = visit.filter('route', 'caller');
    const cursor = visit.query('cursor');
    const page = await this.engine.rateLimits.hits({ ...filter, limit: PAGE_SIZE, ...(cursor === '' ? {} : { cursor }) });
    const recent = await this.engine.rateLimits.hits({
      limit: 1_000,
      since: new Date(this.engine.now() - 3_600_000).toISOString(),
    });
    const visible = (hit: RateLimitHit) => this.#isVisible(visit.who, hit);
    const items = recent.items.filter(visible);
    this.pages.page(visit, {
      title: 'Blocked',
      section: 'blocked',
      children: (
        <BlockedPage
          hits={page.items.filter(visible)}
          next={page.next}
          callers={topOf(items, ({ caller }) => caller)}
          routes={topOf(items, ({ route }) => route)}
          filter={filter}
          isNewest={cursor === ''}
          dropped={this.engine.droppedHits}
        />
      ),
    });
  }

  #isVisible(who: Principal, { route }: RateLimitHit): boolean {
    if (who.services === null) return true;
    try {
      return who.sees(this.engine.sync.routes.get(route).service);
    } catch {
      return false;
    }
  }
}
