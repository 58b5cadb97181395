import { Get } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { Banners, switchesFor } from '../page/maintenance-banners.js';

@PageController('banners')
export class BannerPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  show(@Visiting() visit: Visit): void {
    this.pages.piece(visit, <Banners switches={switchesFor(this.engine, visit.who)} troubles={this.engine.troubles} />);
  }
}
