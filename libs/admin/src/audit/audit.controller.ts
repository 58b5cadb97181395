import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ServerResponse } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { badRequest } from '../http/answer-error.js';
import { Who } from '../http/who.decorator.js';
import { sendJson } from '../http/send-json.js';
import { auditEntryWire } from './audit-entry-wire.js';
import { contentTypeOf, exported } from './audit-export.js';
import { AuditReader } from './audit-reader.js';

/** What was changed, by whom and why (wire contract, §5; cursor, filters and export are ours). */
@Controller('api')
export class AuditController {
  constructor(private readonly reader: AuditReader) {}

  /** Newest first. The next page's cursor is in `X-Waygate-Next-Cursor`. */
  @Get('audit')
  @Requires('viewer', 'filtered')
  async list(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): Promise<void> {
    const { items, next } = await this.reader.requested(request, who);
    if (next !== null) response.setHeader('x-waygate-next-cursor', next);
    sendJson(response, 200, items.map(auditEntryWire));
  }

  /** Everything that matches, as JSON lines or CSV. */
  @Get('audit/export')
  @Requires('viewer', 'filtered')
  async export(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): Promise<void> {
    const format = queryOf(request, 'format') ?? 'jsonl';
    if (format !== 'jsonl' && format !== 'csv') throw badRequest("format must be 'jsonl' or 'csv'");
    const selection = this.reader.selectionOf(request);
    response.setHeader('content-type', contentTypeOf(format));
    response.setHeader('content-disposition', `attachment; filename="waygate-audit.${format}"`);
    if (request.method === 'HEAD') return void response.end();
    await pipeline(Readable.from(exported(this.reader.all(who, selection), format)), response);
  }
}
