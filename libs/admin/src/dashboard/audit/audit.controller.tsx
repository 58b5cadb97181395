import { Controller, Get, Post, UseFilters } from '@nestjs/common';
import { RevisionConflictError, RevisionNotFoundError, ValidationError, WaygateEngine } from '@waygate/core';
import { Requires } from '../../auth/requires.js';
import { AuditReader } from '../../audit/audit-reader.js';
import { AnswerError } from '../../http/answer-error.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { AuditPage } from './audit-page.js';
import { mayRevert } from './may-revert.js';

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
      children: (
        <AuditPage
          page={page}
          query={query}
          services={visible}
          who={visit.who}
          csrf={this.pages.csrf(visit)}
          links={links}
          now={this.engine.now()}
        />
      ),
    });
  }

  /** Takes back one revision, or several that were made together. */
  @Post('revert')
  @Requires('operator', 'filtered')
  async revert(@Visiting() visit: Visit): Promise<void> {
    const revisions = visit.form.getAll('revision').filter((text) => /^\d{1,15}$/.test(text));
    if (revisions.length === 0 || revisions.length > 500) throw new AnswerError(400, 'revision must name 1 to 500 revisions');
    const newestFirst = revisions.map(Number).toSorted((a, b) => b - a);
    for (const revision of newestFirst) await this.#checkMay(visit, revision);
    try {
      const undone: number[] = [];
      for (const revision of newestFirst) undone.push((await this.engine.audit.revert(revision, visit.author())).revision);
      const what = newestFirst.length === 1 ? `Revision ${newestFirst[0]} is` : `${newestFirst.length} revisions are`;
      this.pages.done(visit, { message: `${what} taken back.`, undo: undone, back: 'audit' });
    } catch (error) {
      if (!(error instanceof RevisionConflictError) && !(error instanceof ValidationError)) throw error;
      throw new AnswerError(409, error.message);
    }
  }

  async #checkMay(visit: Visit, revision: number): Promise<void> {
    const { items } = await this.engine.audit.list({ revision, limit: 1_000 });
    if (items.length === 0) throw new AnswerError(404, new RevisionNotFoundError(revision).message);
    if (!items.every((entry) => mayRevert(visit.who, entry)))
      throw new AnswerError(403, `Revision ${revision} is not yours to take back`);
  }
}
