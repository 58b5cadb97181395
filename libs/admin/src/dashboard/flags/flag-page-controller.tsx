import { Get, Param, Post } from '@nestjs/common';
import { WaygateEngine, type FlagInput, type FlagView } from '@waygate/core';
import type { VNode } from 'preact';
import { decodePathKey, Requires } from '../admin/surface.js';
import { sectionsOf, valueIn } from '../clauses/read-clauses.js';
import { EditorForm } from '../page/editor-form.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf } from '../ui/form.js';
import type { FormProblem } from '../ui/form-state.js';
import { DefinitionEditor } from './definition-editor.js';
import { EvaluationsPanel } from './evaluations-panel.js';
import { readTargeting, readVariations } from './flag-draft.js';
import { flagPath } from './flag-path.js';
import { FLAG_TABS, FlagHistory, FlagPage, type FlagTab } from './flag-page.js';
import { PrerequisitesEditor } from './prerequisites-editor.js';
import { SchedulePanel } from './schedule-panel.js';
import { TargetingEditor } from './targeting-editor.js';

type Editor = Extract<FlagTab, 'targeting' | 'definition' | 'prerequisites'>;

/** A flag's page and the forms that fill it. */
@PageController('flags')
export class FlagPageController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
  ) {}

  @Get(':key')
  @Requires('viewer', 'everything')
  async show(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const flag = this.engine.sync.flags.get(decodePathKey(pathKey));
    const tab = FLAG_TABS.find((known) => known === visit.query('tab')) ?? 'targeting';
    this.#page(visit, flag, tab, await this.#side(visit, flag, tab));
  }

  @Post(':key/targeting')
  @Requires('operator', 'everything')
  saveTargeting(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    return this.#save(visit, pathKey, 'targeting', (flag) => readTargeting(visit.form, flag));
  }

  @Post(':key/definition')
  @Requires('operator', 'everything')
  saveDefinition(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    return this.#save(visit, pathKey, 'definition', (flag) => {
      const maintainer = visit.field('maintainer');
      return {
        name: visit.field('name') || flag.key,
        description: visit.field('description'),
        tags: listOf(visit.field('tags')),
        maintainer: maintainer === '' ? null : maintainer,
        temporary: visit.field('temporary') === 'yes',
        clientVisible: visit.field('client_visible') === 'yes',
        variations: readVariations(visit.form, flag.type),
      };
    });
  }

  @Post(':key/prerequisites')
  @Requires('operator', 'everything')
  savePrerequisites(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    return this.#save(visit, pathKey, 'prerequisites', () => ({ prerequisites: prerequisitesIn(visit) }));
  }

  #save(visit: Visit, pathKey: string, editor: Editor, read: (flag: FlagView) => Partial<FlagInput>): Promise<void> {
    const flag = this.engine.sync.flags.get(decodePathKey(pathKey));
    const { key } = flag;
    return this.forms.attempt(
      visit,
      async () => {
        const { revision } = await this.engine.flags.patch(key, read(flag), visit.change());
        return {
          message: `Flag '${key}' is saved.`,
          undo: revision === flag.revision ? [] : [revision],
          back: `${flagPath(key)}${editor === 'targeting' ? '' : `?tab=${editor}`}`,
          leave: true,
        };
      },
      (problem) => {
        const now = this.engine.sync.flags.get(key);
        const form = this.#editor(visit, now, editor, problem);
        if (visit.isPartial) this.pages.piece(visit, form, problem.status);
        else this.#page(visit, now, editor, form, problem.status);
      },
    );
  }

  async #side(visit: Visit, flag: FlagView, tab: FlagTab): Promise<VNode> {
    switch (tab) {
      case 'targeting':
      case 'definition':
      case 'prerequisites':
        return this.#editor(visit, flag, tab);
      case 'schedule':
        return <SchedulePanel flag={flag} acts={visit.who.has('operator')} />;
      case 'evaluations': {
        const counts = this.engine.flags.counts({ flag: flag.key });
        return <EvaluationsPanel counts={counts} samples={this.engine.flags.evaluations({ flag: flag.key, limit: 50 })} />;
      }
      case 'history': {
        const { items } = await this.engine.audit.list({ kind: 'flag', key: flag.key, limit: 50 });
        return <FlagHistory entries={items} />;
      }
    }
  }

  /** The form of one side; where it was sent already, with what was typed. */
  #editor(visit: Visit, flag: FlagView, editor: Editor, problem: FormProblem | null = null): VNode {
    return this.forms.filled(
      visit,
      problem,
      <EditorForm
        action={`${this.pages.links.flag(flag.key)}/${editor}`}
        revision={flag.revision}
        acts={visit.who.has('operator') && flag.status !== 'archived'}
      >
        {this.#fields(visit, flag, editor)}
      </EditorForm>,
    );
  }

  #fields(visit: Visit, flag: FlagView, editor: Editor): VNode {
    const wasSent = visit.isSent;
    if (editor === 'targeting') {
      const segments = this.engine.sync.segments.list().map(({ key }) => key);
      return <TargetingEditor flag={flag} draft={wasSent ? readTargeting(visit.form, flag) : flag} segments={segments} />;
    }
    if (editor === 'definition') {
      return <DefinitionEditor flag={flag} variations={wasSent ? typedVariations(visit, flag) : flag.variations} />;
    }
    const others = this.engine.sync.flags.list().filter(({ key }) => key !== flag.key);
    const dependants = others
      .filter(({ prerequisites }) => prerequisites.some(({ flagKey }) => flagKey === flag.key))
      .map(({ key }) => key);
    const prerequisites = wasSent ? prerequisitesIn(visit) : flag.prerequisites;
    return <PrerequisitesEditor prerequisites={prerequisites} others={others} dependants={dependants} />;
  }

  #page(visit: Visit, flag: FlagView, tab: FlagTab, side: VNode, status = 200): void {
    const stale = this.engine.flags.stale().find(({ key }) => key === flag.key);
    const page = (
      <FlagPage flag={flag} stale={stale} tab={tab}>
        {side}
      </FlagPage>
    );
    this.pages.page(visit, { title: flag.key, section: 'flags', children: page }, status);
  }
}

function prerequisitesIn(visit: Visit): NonNullable<FlagInput['prerequisites']> {
  return sectionsOf(visit.form, ['prerequisite'])
    .map(({ value, fields }) => ({ flagKey: value.trim(), variation: valueIn(fields, 'prerequisite_variation') }))
    .filter(({ flagKey, variation }) => flagKey !== '' || variation !== '');
}

/** What was typed, as far as it can be read; the text itself where it cannot. */
function typedVariations(visit: Visit, { type }: FlagView): NonNullable<FlagInput['variations']> {
  try {
    return readVariations(visit.form, type);
  } catch {
    return readVariations(visit.form, 'string');
  }
}
