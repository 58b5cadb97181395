import { Controller, Get, UseFilters } from '@nestjs/common';
import { WaygateEngine, type RateLimitHit } from '@waygate/core';
import type { Principal } from '../../http/principal.js';
import { Requires } from '../../http/requires.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { BlockedPage } from './blocked-page.js';
import { topOf } from './top-callers.js';

const PAGE_SIZE = 100;

@Controller('blocked')
@UseFilters(PageErrorsFilter)
export class BlockedPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  async list(@Visiting() visit: Visit): Promise<void> {
    const [route, caller, cursor] = [visit.query('route'), visit.query('caller'), visit.query('cursor')];
    const filter = { ...(route === '' ? {} : { route }), ...(caller === '' ? {} : { caller }) };
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
          route={route}
          caller={caller}
          cursor={cursor}
          links={this.pages.links}
          now={this.engine.now()}
          dropped={this.engine.droppedHits}
          acts={visit.who.has('operator')}
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
