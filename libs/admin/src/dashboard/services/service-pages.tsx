import { Get } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { Instances, Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { summariesOf } from './service-summary.js';
import { ServicesPage } from './services-page.js';

@PageController('services')
export class ServicePages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly instances: Instances,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  list(@Visiting() visit: Visit): void {
    const routes = this.engine.sync.routes.list().filter(({ service }) => visit.who.sees(service));
    const services = summariesOf(
      routes,
      (service) => this.engine.sync.maintenance.forService(service),
      (service) => this.engine.rateLimits.forService(service).read(),
    );
    const { health, revision, environment, service } = this.engine;
    this.pages.page(visit, {
      title: 'Services',
      section: 'services',
      children: (
        <ServicesPage
          services={services}
          instances={this.instances.list().filter(({ service: of }) => visit.who.sees(of))}
          here={{ health, revision, environment, service }}
        />
      ),
    });
  }
}
