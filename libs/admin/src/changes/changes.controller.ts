import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { MAX_CHANGES, WaygateEngine, type Change } from '@waygate/core';
import { badRequest } from '../http/answer-error.js';
import type { AdminRequest } from '../http/admin-request.js';
import { bodyText } from '../http/body.js';
import { readBulk } from '../http/bulk-body.js';
import { Who } from '../http/who.decorator.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { checkMayChange } from './change-access.js';
import { appliedWire, changeFromWire, previewWire } from './change-wire.js';

/** Characters of one change: as many as a body of its own may have. */
const MAX_CHANGE = 256 * 1024;
const MEMBERS = ['changes', 'reason', 'dry_run'];

/** Several changes as one commit: all or nothing. */
@Controller('api/changes')
export class ChangesController {
  constructor(private readonly engine: WaygateEngine) {}

  /** Makes the changes, or with `dry_run` says what they would do. 409 lists every change that expects another revision. */
  @Post()
  @HttpCode(200)
  @Requires('operator', 'filtered')
  async apply(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const { changes, reason, dryRun } = await readBody(bodyText(request));
    checkMayChange(who, changes, this.engine);
    const author = who.author(reason);
    return dryRun
      ? previewWire(await this.engine.preview(changes, author))
      : appliedWire(await this.engine.apply(changes, author));
  }
}

/** The parts of a body. What the changes say is checked when they are planned. @throws {AnswerError} 400 */
async function readBody(text: string): Promise<{
  readonly changes: readonly Change[];
  readonly reason: string | undefined;
  readonly dryRun: boolean;
}> {
  const body = await readBulk(text, { changes: { max: MAX_CHANGES, maxItem: MAX_CHANGE, read: changeFromWire } });
  const unknown = Object.keys(body).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw badRequest(`${unknown} is not a field of this; there are ${MEMBERS.join(', ')}`);
  const { changes, reason, dry_run: dryRun = false } = body;
  if (reason !== undefined && typeof reason !== 'string') throw badRequest('reason must be text');
  if (typeof dryRun !== 'boolean') throw badRequest('dry_run must be true or false');
  return { changes, reason, dryRun };
}
