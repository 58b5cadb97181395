import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import {
  ConflictError,
  AlreadyExistsError,
  InUseError,
  ValidationError,
  WaygateEngine,
  type SegmentInput,
  type SegmentView,
} from '@waygate/core';
import type { ComponentChildren, VNode } from 'preact';
import { Requires } from '../../http/requires.js';
import { decodePathKey, encodePathKey } from '../../http/path-key.js';
import { conflictOn } from '../audit/conflict-on.js';
import { readClauses, sectionsOf, valueIn } from '../clauses/read-clauses.js';
import { EditorForm } from '../page/editor-form.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf, TextField } from '../ui/form.js';
import { SegmentEditor } from './segment-editor.js';
import { SegmentPage, SegmentsPage } from './segments-page.js';
import { usesOfSegment, type SegmentUse } from './segment-uses.js';

interface Problem {
  readonly error?: string;
  readonly conflict?: ComponentChildren;
  readonly status: number;
}

@Controller('segments')
@UseFilters(PageErrorsFilter)
export class SegmentPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'everything')
  list(@Visiting() visit: Visit): void {
    const search = visit.query('q').toLowerCase();
    const matching = this.engine.sync.segments.list().filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(search));
    const uses = new Map(matching.map(({ key }) => [key, this.#uses(key).length]));
    this.pages.page(visit, {
      title: 'Segments',
      section: 'segments',
      children: (
        <SegmentsPage
          segments={matching}
          uses={uses}
          search={visit.query('q')}
          who={visit.who}
          links={this.pages.links}
          now={this.engine.now()}
        />
      ),
    });
  }

  @Get('new')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.#form(visit);
  }

  @Post('new')
  @Requires('operator', 'everything')
  async create(@Visiting() visit: Visit): Promise<void> {
    const name = visit.field('name');
    try {
      const input = { key: visit.field('key'), ...(name === '' ? {} : { name }), description: visit.field('description') };
      const segment = await this.engine.segments.create(input, visit.author());
      const back = `segments/${encodePathKey(segment.key)}`;
      this.pages.done(visit, { message: `Segment '${segment.key}' is there.`, undo: [segment.revision], back, leave: true });
    } catch (error) {
      if (!(error instanceof ValidationError || error instanceof AlreadyExistsError)) throw error;
      this.#form(visit, error.message);
    }
  }

  @Get(':key')
  @Requires('viewer', 'everything')
  show(@Visiting() visit: Visit, @Param('key') pathKey: string): void {
    const segment = this.engine.sync.segments.get(decodePathKey(pathKey));
    this.#page(visit, segment, this.#editor(visit, segment, { status: 200 }));
  }

  @Post(':key')
  @Requires('operator', 'everything')
  async save(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const segment = this.engine.sync.segments.get(decodePathKey(pathKey));
    try {
      const saved = await this.engine.segments.save(segmentIn(visit, segment), { ...visit.author(), ...visit.expected() });
      const back = `segments/${encodePathKey(segment.key)}`;
      this.pages.done(visit, { message: `Segment '${segment.key}' is saved.`, undo: [saved.revision], back, leave: true });
    } catch (error) {
      const problem = await this.#problem(segment, error);
      const form = this.#editor(visit, this.engine.sync.segments.get(segment.key), problem);
      if (visit.isPartial) this.pages.piece(visit, form, problem.status);
      else this.#page(visit, segment, form, problem.status);
    }
  }

  @Get(':key/delete')
  @Requires('operator', 'everything')
  confirm(@Visiting() visit: Visit, @Param('key') pathKey: string): void {
    this.#confirm(visit, this.engine.sync.segments.get(decodePathKey(pathKey)));
  }

  @Post(':key/delete')
  @Requires('operator', 'everything')
  async delete(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const segment = this.engine.sync.segments.get(decodePathKey(pathKey));
    try {
      await this.engine.segments.delete(segment.key, visit.author());
      const undo = await this.pages.latest('segment', segment.key);
      this.pages.done(visit, { message: `Segment '${segment.key}' is deleted.`, undo, back: 'segments', leave: true });
    } catch (error) {
      if (!(error instanceof InUseError)) throw error;
      this.#confirm(visit, segment, error.message);
    }
  }

  #uses(key: string): readonly SegmentUse[] {
    return usesOfSegment(key, this.engine.sync.flags.list(), this.engine.sync.segments.list());
  }

  #confirm(visit: Visit, { key }: SegmentView, error?: string): void {
    this.pages.dialog(
      visit,
      'segments',
      {
        title: `Delete ${key}`,
        note: 'Possible only while no flag and no other segment refers to it.',
        action: `segments/${encodePathKey(key)}/delete`,
        submit: 'Delete',
        tone: 'bad',
        back: `segments/${encodePathKey(key)}`,
        error,
      },
      error === undefined ? 200 : 422,
    );
  }

  #form(visit: Visit, error?: string): void {
    this.pages.dialog(
      visit,
      'segments',
      {
        title: 'New segment',
        note: 'A named set of callers that rules of flags refer to.',
        action: 'segments/new',
        submit: 'Create segment',
        back: 'segments',
        error,
        children: (
          <>
            <TextField name="key" label="Key" value={visit.field('key')} required placeholder="beta-testers" />
            <TextField name="name" label="Name" value={visit.field('name')} />
            <TextField name="description" label="Description" value={visit.field('description')} />
          </>
        ),
      },
      error === undefined ? 200 : 422,
    );
  }

  #editor(visit: Visit, segment: SegmentView, { error, conflict }: Problem): VNode {
    const draft = visit.form.has('revision') ? segmentIn(visit, segment) : segment;
    const others = this.engine.sync.segments.list().map(({ key }) => key);
    return (
      <EditorForm
        action={this.pages.links.segment(segment.key)}
        csrf={this.pages.csrf(visit)}
        revision={segment.revision}
        error={error}
        conflict={conflict}
        acts={visit.who.has('operator')}
        reason={visit.field('reason')}
      >
        <SegmentEditor draft={draft} segments={others.filter((key) => key !== segment.key)} />
      </EditorForm>
    );
  }

  #page(visit: Visit, segment: SegmentView, form: VNode, status = 200): void {
    const page = (
      <SegmentPage
        segment={segment}
        uses={this.#uses(segment.key)}
        who={visit.who}
        links={this.pages.links}
        now={this.engine.now()}
      >
        {form}
      </SegmentPage>
    );
    this.pages.page(visit, { title: segment.key, section: 'segments', children: page }, status);
  }

  async #problem({ key }: SegmentView, error: unknown): Promise<Problem> {
    if (error instanceof ValidationError) return { error: error.message, status: 422 };
    if (!(error instanceof ConflictError)) throw error;
    return { conflict: await conflictOn(this.engine, 'segment', key), status: 409 };
  }
}

function segmentIn(visit: Visit, { key }: SegmentView): SegmentInput {
  return {
    key,
    name: visit.field('name') || key,
    description: visit.field('description'),
    tags: listOf(visit.field('tags')),
    included: listOf(visit.field('included')),
    excluded: listOf(visit.field('excluded')),
    rules: sectionsOf(visit.form, ['rule']).map(({ value: id, fields }) => ({
      ...(id === '' ? {} : { id }),
      description: valueIn(fields, 'rule_description'),
      clauses: readClauses(fields),
    })),
  };
}
