import { Get, Param, Post } from '@nestjs/common';
import { WaygateEngine, type SegmentInput, type SegmentView } from '@waygate/core';
import type { VNode } from 'preact';
import { decodePathKey, encodePathKey, Requires } from '../admin/surface.js';
import { readClauses, sectionsOf, valueIn } from '../clauses/read-clauses.js';
import type { Form } from '../page/dialog.js';
import { EditorForm } from '../page/editor-form.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { listOf, TextField } from '../ui/form.js';
import type { FormProblem } from '../ui/form-state.js';
import { SegmentEditor } from './segment-editor.js';
import { SegmentPage } from './segment-page.js';
import { SegmentsPage } from './segments-page.js';
import { usesOfSegment, type SegmentUse } from './segment-uses.js';

@PageController('segments')
export class SegmentPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
    private readonly forms: Forms,
  ) {}

  @Get()
  @Requires('viewer', 'everything')
  list(@Visiting() visit: Visit): void {
    const { q: search = '' } = visit.filter('q');
    const wanted = search.toLowerCase();
    const segments = this.engine.sync.segments.list().filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(wanted));
    const uses = new Map(segments.map(({ key }) => [key, this.#uses(key).length]));
    const list = <SegmentsPage segments={segments} uses={uses} search={search} />;
    this.pages.page(visit, { title: 'Segments', section: 'segments', children: list });
  }

  @Get('new')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit): void {
    this.forms.show(visit, newForm());
  }

  @Post('new')
  @Requires('operator', 'everything')
  create(@Visiting() visit: Visit): Promise<void> {
    return this.forms.send(visit, newForm, async () => {
      const name = visit.field('name');
      const input = { key: visit.field('key'), ...(name === '' ? {} : { name }), description: visit.field('description') };
      const { key, revision } = await this.engine.segments.create(input, visit.author());
      return { message: `Segment '${key}' is there.`, undo: [revision], back: pathOf(key), leave: true };
    });
  }

  @Get(':key')
  @Requires('viewer', 'everything')
  show(@Visiting() visit: Visit, @Param('key') pathKey: string): void {
    this.#show(visit, this.#segment(pathKey).key);
  }

  @Post(':key')
  @Requires('operator', 'everything')
  save(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const { key } = this.#segment(pathKey);
    return this.forms.attempt(
      visit,
      async () => {
        const { revision } = await this.engine.segments.save(segmentIn(visit, key), visit.change());
        return { message: `Segment '${key}' is saved.`, undo: [revision], back: pathOf(key), leave: true };
      },
      (problem) => this.#show(visit, key, problem),
    );
  }

  @Get(':key/delete')
  @Requires('operator', 'everything')
  confirm(@Visiting() visit: Visit, @Param('key') pathKey: string): void {
    this.forms.show(visit, deleteForm(this.#segment(pathKey).key));
  }

  @Post(':key/delete')
  @Requires('operator', 'everything')
  delete(@Visiting() visit: Visit, @Param('key') pathKey: string): Promise<void> {
    const { key } = this.#segment(pathKey);
    return this.forms.send(
      visit,
      () => deleteForm(key),
      async () => {
        await this.engine.segments.delete(key, visit.author());
        const undo = await this.forms.latest('segment', key);
        return { message: `Segment '${key}' is deleted.`, undo, back: 'segments', leave: true };
      },
    );
  }

  #segment(pathKey: string): SegmentView {
    return this.engine.sync.segments.get(decodePathKey(pathKey));
  }

  #uses(key: string): readonly SegmentUse[] {
    return usesOfSegment(key, this.engine.sync.flags.list(), this.engine.sync.segments.list());
  }

  /** A segment with its editor; where htmx sent it and it was rejected, the editor alone. */
  #show(visit: Visit, key: string, problem: FormProblem | null = null): void {
    const segment = this.engine.sync.segments.get(key);
    const editor = this.forms.filled(visit, problem, this.#editor(visit, segment));
    if (visit.isPartial && problem !== null) return this.pages.piece(visit, editor, problem.status);
    const page = (
      <SegmentPage segment={segment} uses={this.#uses(key)}>
        {editor}
      </SegmentPage>
    );
    this.pages.page(visit, { title: key, section: 'segments', children: page }, problem?.status);
  }

  #editor(visit: Visit, segment: SegmentView): VNode {
    const others = this.engine.sync.segments.list().filter(({ key }) => key !== segment.key);
    return (
      <EditorForm action={this.pages.links.segment(segment.key)} revision={segment.revision} acts={visit.who.has('operator')}>
        <SegmentEditor draft={visit.isSent ? segmentIn(visit, segment.key) : segment} segments={others.map(({ key }) => key)} />
      </EditorForm>
    );
  }
}

const pathOf = (key: string) => `segments/${encodePathKey(key)}`;

function newForm(): Form {
  return {
    section: 'segments',
    title: 'New segment',
    note: 'A named set of callers that rules of flags refer to.',
    action: 'segments/new',
    submit: 'Create segment',
    back: 'segments',
    fields: (
      <>
        <TextField name="key" label="Key" required placeholder="beta-testers" />
        <TextField name="name" label="Name" />
        <TextField name="description" label="Description" />
      </>
    ),
  };
}

function deleteForm(key: string): Form {
  return {
    section: 'segments',
    title: `Delete ${key}`,
    note: 'Possible only while no flag and no other segment refers to it.',
    action: `${pathOf(key)}/delete`,
    submit: 'Delete',
    tone: 'bad',
    back: pathOf(key),
  };
}

function segmentIn(visit: Visit, key: string): SegmentInput {
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
