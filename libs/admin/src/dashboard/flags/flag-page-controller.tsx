import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import { ConflictError, ValidationError, WaygateEngine, type FlagInput, type FlagView } from '@waygate/core';
import type { ComponentChildren, VNode } from 'preact';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { decodePathKey, encodePathKey } from '../../http/path-key.js';
import { conflictOn } from '../audit/conflict-on.js';
import { sectionsOf, valueIn } from '../clauses/read-clauses.js';
import { EditorForm } from '../page/editor-form.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf } from '../ui/form.js';
import { DefinitionEditor } from './definition-editor.js';
import { EvaluationsPanel } from './evaluations-panel.js';
import { readTargeting, readVariations } from './flag-draft.js';
import { FLAG_TABS, FlagHistory, FlagPage, type FlagTab } from './flag-page.js';
import { PrerequisitesEditor } from './prerequisites-editor.js';
import { SchedulePanel } from './schedule-panel.js';
import { TargetingEditor } from './targeting-editor.js';

type Editor = Extract<FlagTab, 'targeting' | 'definition' | 'prerequisites'>;

interface Problem {
  readonly error?: string;
  readonly conflict?: ComponentChildren;
  readonly status: number;
}

/** A flag's page and the forms that fill it. */
@Controller('flags')
@UseFilters(PageErrorsFilter)
export class FlagPageController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
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
  async saveTargeting(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    await this.#save(visit, pathKey, 'targeting', (flag) => readTargeting(visit.form, flag));
  }

  @Post(':key/definition')
  @Requires('operator', 'everything')
  async saveDefinition(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    await this.#save(visit, pathKey, 'definition', (flag) => {
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
  async savePrerequisites(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    await this.#save(visit, pathKey, 'prerequisites', () => ({ prerequisites: prerequisitesIn(visit) }));
  }

  async #save(visit: Visit, pathKey: string, editor: Editor, read: (flag: FlagView) => Partial<FlagInput>): Promise<void> {
    const flag = this.engine.sync.flags.get(decodePathKey(pathKey));
    try {
      const saved = await this.engine.flags.patch(flag.key, read(flag), { ...visit.author(), ...visit.expected() });
      const back = `flags/${encodePathKey(flag.key)}${editor === 'targeting' ? '' : `?tab=${editor}`}`;
      const undo = saved.revision === flag.revision ? [] : [saved.revision];
      this.pages.done(visit, { message: `Flag '${flag.key}' is saved.`, undo, back, leave: true });
    } catch (error) {
      const problem = await this.#problem(flag, error);
      const form = this.#editor(visit, this.engine.sync.flags.get(flag.key), editor, problem);
      if (visit.isPartial) this.pages.piece(visit, form, problem.status);
      else this.#page(visit, flag, editor, form, problem.status);
    }
  }

  async #problem(flag: FlagView, error: unknown): Promise<Problem> {
    if (error instanceof ValidationError || error instanceof AnswerError) return { error: error.message, status: 422 };
    if (!(error instanceof ConflictError)) throw error;
    return { conflict: await conflictOn(this.engine, 'flag', flag.key), status: 409 };
  }

  async #side(visit: Visit, flag: FlagView, tab: FlagTab): Promise<VNode> {
    const { links } = this.pages;
    const now = this.engine.now();
    switch (tab) {
      case 'targeting':
      case 'definition':
      case 'prerequisites':
        return this.#editor(visit, flag, tab, { status: 200 });
      case 'schedule':
        return <SchedulePanel flag={flag} acts={visit.who.has('operator')} links={links} now={now} />;
      case 'evaluations': {
        const counts = this.engine.flags.counts({ flag: flag.key });
        return (
          <EvaluationsPanel counts={counts} samples={this.engine.flags.evaluations({ flag: flag.key, limit: 50 })} now={now} />
        );
      }
      case 'history': {
        const { items } = await this.engine.audit.list({ kind: 'flag', key: flag.key, limit: 50 });
        return <FlagHistory entries={items} who={visit.who} links={links} now={now} />;
      }
    }
  }

  /** The form of one side; where it was sent already, with what was typed. */
  #editor(visit: Visit, flag: FlagView, editor: Editor, { error, conflict }: Problem): VNode {
    return (
      <EditorForm
        action={`${this.pages.links.flag(flag.key)}/${editor}`}
        csrf={this.pages.csrf(visit)}
        revision={flag.revision}
        error={error}
        conflict={conflict}
        acts={visit.who.has('operator') && flag.status !== 'archived'}
        reason={visit.field('reason')}
      >
        {this.#fields(visit, flag, editor)}
      </EditorForm>
    );
  }

  #fields(visit: Visit, flag: FlagView, editor: Editor): VNode {
    const wasSent = visit.form.has('revision');
    const typed = (name: string) => (wasSent ? visit.field(name) : null);
    if (editor === 'targeting') {
      const segments = this.engine.sync.segments.list().map(({ key }) => key);
      return <TargetingEditor flag={flag} draft={wasSent ? readTargeting(visit.form, flag) : flag} segments={segments} />;
    }
    if (editor === 'definition') {
      return <DefinitionEditor flag={flag} typed={typed} variations={wasSent ? typedVariations(visit, flag) : flag.variations} />;
    }
    const others = this.engine.sync.flags.list().filter(({ key }) => key !== flag.key);
    const dependants = others
      .filter(({ prerequisites }) => prerequisites.some(({ flagKey }) => flagKey === flag.key))
      .map(({ key }) => key);
    const prerequisites = wasSent ? prerequisitesIn(visit) : flag.prerequisites;
    return <PrerequisitesEditor prerequisites={prerequisites} others={others} dependants={dependants} links={this.pages.links} />;
  }

  #page(visit: Visit, flag: FlagView, tab: FlagTab, side: VNode, status = 200): void {
    const stale = this.engine.flags.stale().find(({ key }) => key === flag.key);
    this.pages.page(
      visit,
      {
        title: flag.key,
        section: 'flags',
        children: (
          <FlagPage flag={flag} stale={stale} tab={tab} who={visit.who} links={this.pages.links} now={this.engine.now()}>
            {side}
          </FlagPage>
        ),
      },
      status,
    );
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
