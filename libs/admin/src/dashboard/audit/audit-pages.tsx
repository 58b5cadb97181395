import { Get, Param, Post } from '@nestjs/common';
import {
  RevisionConflictError,
  RevisionNotFoundError,
  RouteProtectedError,
  ValidationError,
  WaygateEngine,
  type RecordReversal,
} from '@waygate/core';
import { AnswerError, AuditReader, readRevision, Requires } from '../admin/surface.js';
import { mayRevert } from '../changes/may-revert.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { visibleServices } from '../page/visible-services.js';
import { AUDIT_FILTERS, AuditPage } from './audit-page.js';
import { RevertFields } from './revert-fields.js';

const PAGE_SIZE = 50;

@PageController('audit')
export class AuditPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly reader: AuditReader,
    private readonly pages: Pages,
    private readonly forms: Forms,
  ) {}

  @Get()
  @Requires('viewer', 'filtered')
  async list(@Visiting() visit: Visit): Promise<void> {
    const cursor = visit.query('cursor') || null;
    const page = await this.reader.page(visit.who, this.reader.selectionOf(visit.request), PAGE_SIZE, cursor);
    const services = visibleServices(this.engine, visit.who);
    const filter = visit.filter(...AUDIT_FILTERS);
    this.pages.page(visit, {
      title: 'Audit',
      section: 'audit',
      children: <AuditPage page={page} filter={filter} isNewest={cursor === null} services={services} />,
    });
  }

  /** What taking back a revision would change. */
  @Get('revert/:revision')
  @Requires('operator', 'revision')
  async confirm(@Visiting() visit: Visit, @Param('revision') text: string): Promise<void> {
    const revision = readRevision(text, 'revision');
    await this.#checkMay(visit, revision);
    this.forms.show(visit, await this.#form(revision));
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
        if (error instanceof RevisionConflictError) return this.forms.show(visit, await this.#form(revision), { status: 409 });
        if (error instanceof ValidationError) throw new AnswerError(409, error.message);
        throw error;
      }
    }
    const what = newestFirst.length === 1 ? `Revision ${newestFirst[0]} is` : `${newestFirst.length} revisions are`;
    this.forms.done(visit, { message: `${what} taken back.`, undo: undone, back: 'audit' });
  }

  async #form(revision: number): Promise<Form> {
    const records = await this.#reversal(revision);
    return {
      section: 'audit',
      title: `Revert revision ${revision}`,
      note: 'What was before is put back as a new revision; the log keeps both. What the code declares stays.',
      action: 'audit/revert',
      submit: 'Revert',
      tone: records.some(({ isChanged }) => isChanged) ? 'bad' : 'accent',
      back: 'audit',
      fields: <RevertFields revision={revision} records={records} />,
    };
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
