import { Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { IsBoolean } from 'class-validator';
import { auditPath, WaygateEngine, type RecordDifference } from '@waygate/core';
import { auditEntryWire } from '../audit/audit-entry-wire.js';
import { AuditReader } from '../audit/audit-reader.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { badRequest } from '../http/answer-error.js';
import { ExactBody, Optional } from '../http/body.js';
import { Who } from '../http/who.decorator.js';
import { ReasonBody } from '../routes/routes.dto.js';
import { readRevision } from '../http/read-revision.js';

export class RevertBody extends ReasonBody {
  /** Restores what was before even where it was changed since; those changes are lost. */
  @Optional()
  @IsBoolean({ message: 'force must be true or false' })
  force?: boolean;
}

/** What each commit changed, what lies between two of them, and how to take one back. */
@Controller('api/revisions')
export class RevisionsController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly reader: AuditReader,
  ) {}

  /** Newest first, with the record before and after. */
  @Get()
  @Requires('viewer', 'filtered')
  async list(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const { items, next } = await this.reader.requested(request, who);
    const revisions = items.map((entry) => ({
      ...auditEntryWire(entry),
      kind: entry.kind,
      key: entry.key,
      before: entry.before,
      after: entry.after,
    }));
    return { revisions, next };
  }

  /** Record by record; without `to`, up to now. */
  @Get('diff')
  @Requires('viewer', 'filtered')
  async diff(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const from = queryOf(request, 'from');
    if (from === null) throw badRequest('from is required: the number of a revision');
    const to = queryOf(request, 'to');
    const between = await this.engine.audit.diff(
      readRevision(from, 'from'),
      to === null ? this.engine.revision : readRevision(to, 'to'),
    );
    const visible = between.records.filter(({ entries }) => entries.every(({ service }) => who.covers(service)));
    return { from: between.from, to: between.to, complete: between.complete, records: visible.map(differenceWire) };
  }

  /** A new revision: what code declares stays as it is. 409 names the change that came since. */
  @Post(':revision/revert')
  @HttpCode(200)
  @Requires('operator', 'revision')
  async revert(
    @Param('revision') revision: string,
    @ExactBody(RevertBody) { force = false, reason }: RevertBody,
    @Who() who: Principal,
  ): Promise<object> {
    const reverted = readRevision(revision, 'revision');
    return { reverted, ...(await this.engine.audit.revert(reverted, { ...who.author(reason), force })) };
  }
}

function differenceWire({ kind, key, before, after, differences, entries }: RecordDifference): object {
  return { kind, key, path: auditPath(kind, key), before, after, differences, entries: entries.map(auditEntryWire) };
}
