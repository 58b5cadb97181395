import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import {
  RevisionConflictError,
  RevisionNotFoundError,
  RouteProtectedError,
  ValidationError,
  WaygateEngine,
  type RecordReversal,
} from '@waygate/core';
import { readRevision } from '../../http/read-revision.js';
import { Requires } from '../../http/requires.js';
import { AuditReader } from '../../audit/audit-reader.js';
import { AnswerError } from '../../http/answer-error.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { AuditPage } from './audit-page.js';
import { mayRevert } from './may-revert.js';
import { RevertFields } from './revert-fields.js';

const PAGE_SIZE = 50;

@Controller('audit')
@UseFilters(PageErrorsFilter)
export class AuditPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly reader: AuditReader,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  async list(@Visiting() visit: Visit): Promise<void> {
    const { links } = this.pages;
    const cursor = visit.query('cursor');
    const page = await this.reader.page(
      visit.who,
      this.reader.selectionOf(visit.request),
      PAGE_SIZE,
      cursor === '' ? null : cursor,
    );
    const query = (name: string) => visit.query(name);
    const services = [...new Set(this.engine.sync.routes.list().map(({ service }) => service))].filter(
      (service) => service !== null,
    );
    const visible = services.filter((service) => visit.who.covers(service));
    this.pages.page(visit, {
      title: 'Audit',
      section: 'audit',
      children: <AuditPage page={page} query={query} services={visible} who={visit.who} links={links} now={this.engine.now()} />,
    });
  }

  /** What taking back a revision would change. */
  @Get('revert/:revision')
  @Requires('operator', 'revision')
  async confirm(@Visiting() visit: Visit, @Param('revision') text: string): Promise<void> {
    const revision = readRevision(text, 'revision');
    await this.#checkMay(visit, revision);
    await this.#dialog(visit, revision);
  }

  /** Takes back one revision, or several that were made together. */
  @Post('revert')
  @Requires('operator', 'filtered')
  async revert(@Visiting() visit: Visit): Promise<void> {
    const revisions = visit.form.getAll('revision').filter((text) => /^\d{1,15}$/.test(text));
    if (revisions.length === 0 || revisions.length > 500) throw new AnswerError(400, 'revision must name 1 to 500 revisions');
    const newestFirst = revisions.map(Number).toSorted((a, b) => b - a);
    for (const revision of newestFirst) await this.#checkMay(visit, revision);
    const force = newestFirst.length === 1 && visit.field('force') === 'yes';
    const undone: number[] = [];
    for (const revision of newestFirst) {
      try {
        undone.push((await this.engine.audit.revert(revision, { ...visit.author(), force })).revision);
      } catch (error) {
        if (error instanceof RevisionConflictError) return this.#dialog(visit, revision, 409);
        if (error instanceof ValidationError) throw new AnswerError(409, error.message);
        throw error;
      }
    }
    const what = newestFirst.length === 1 ? `Revision ${newestFirst[0]} is` : `${newestFirst.length} revisions are`;
    this.pages.done(visit, { message: `${what} taken back.`, undo: undone, back: 'audit' });
  }

  async #dialog(visit: Visit, revision: number, status = 200): Promise<void> {
    const records = await this.#reversal(revision);
    this.pages.dialog(
      visit,
      'audit',
      {
        title: `Revert revision ${revision}`,
        note: 'What was before is put back as a new revision; the log keeps both. What the code declares stays.',
        action: 'audit/revert',
        submit: 'Revert',
        tone: records.some(({ isChanged }) => isChanged) ? 'bad' : 'accent',
        back: 'audit',
        children: <RevertFields revision={revision} records={records} reason={visit.field('reason')} now={this.engine.now()} />,
      },
      status,
    );
  }

  async #reversal(revision: number): Promise<readonly RecordReversal[]> {
    try {
      return await this.engine.audit.reversal(revision);
    } catch (error) {
      if (error instanceof ValidationError || error instanceof RouteProtectedError) throw new AnswerError(409, error.message);
      throw error;
    }
  }

  async #checkMay(visit: Visit, revision: number): Promise<void> {
    const { items } = await this.engine.audit.list({ revision, limit: 1_000 });
    if (items.length === 0) throw new AnswerError(404, new RevisionNotFoundError(revision).message);
    if (!items.every((entry) => mayRevert(visit.who, entry)))
      throw new AnswerError(403, `Revision ${revision} is not yours to take back`);
  }
}
