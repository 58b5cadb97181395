import { Get } from '@nestjs/common';
import { WaygateEngine, type EvaluationContext, type FlagExplanation } from '@waygate/core';
import { Requires } from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { PlaygroundPage } from './playground-page.js';
import { readAttributes } from './read-attributes.js';

@PageController('playground')
export class PlaygroundPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  /** One context against all flags. Nothing is counted as an evaluation. */
  @Get()
  @Requires('viewer', 'everything')
  show(@Visiting() visit: Visit): void {
    const [key, attributes, search] = [visit.query('key'), visit.query('attributes').slice(0, 4_000), visit.query('q')];
    const context: EvaluationContext = { ...readAttributes(attributes), ...(key === '' ? {} : { targetingKey: key }) };
    const flags = this.engine.sync.flags.list(search === '' ? {} : { search });
    const explained: FlagExplanation[] = flags.slice(0, 500).map((flag) => this.engine.flags.explain(flag.key, context));
    this.pages.page(visit, {
      title: 'Playground',
      section: 'playground',
      children: (
        <PlaygroundPage
          explained={explained}
          targetingKey={key}
          attributes={attributes}
          search={search}
          open={visit.query('flag')}
        />
      ),
    });
  }
}
