import { Controller, HttpCode, Post } from '@nestjs/common';
import { MAX_CHANGES, WaygateEngine } from '@waygate/core';
import { badRequest } from '../http/answer-error.js';
import { isObject, RawBody } from '../http/body.js';
import { Who } from '../http/who.decorator.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { checkMayChange } from './change-access.js';
import { appliedWire, changeFromWire, previewWire } from './change-wire.js';

const MEMBERS = ['changes', 'reason', 'dry_run'];

/** Several changes as one commit: all or nothing. */
@Controller('api/changes')
export class ChangesController {
  constructor(private readonly engine: WaygateEngine) {}

  /** Makes the changes, or with `dry_run` says what they would do. 409 lists every change that expects another revision. */
  @Post()
  @HttpCode(200)
  @Requires('operator', 'filtered')
  async apply(@RawBody() body: unknown, @Who() who: Principal): Promise<object> {
    const { changes: given, reason, dryRun } = readBody(body);
    const changes = given.map(changeFromWire);
    checkMayChange(who, changes, this.engine);
    const author = who.author(reason);
    return dryRun
      ? previewWire(await this.engine.preview(changes, author))
      : appliedWire(await this.engine.apply(changes, author));
  }
}

/** The parts of a body; of the changes, only how many there are is checked. @throws {AnswerError} 400 */
function readBody(body: unknown): {
  readonly changes: readonly unknown[];
  readonly reason: string | undefined;
  readonly dryRun: boolean;
} {
  if (!isObject(body)) throw badRequest('JSON body must be an object');
  const unknown = Object.keys(body).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw badRequest(`${unknown} is not a field of this; there are ${MEMBERS.join(', ')}`);
  const { changes, reason, dry_run: dryRun = false } = body;
  if (!Array.isArray(changes)) throw badRequest('changes must be a list of changes');
  if (changes.length > MAX_CHANGES) throw badRequest(`changes must be at most ${MAX_CHANGES}`);
  if (reason !== undefined && typeof reason !== 'string') throw badRequest('reason must be text');
  if (typeof dryRun !== 'boolean') throw badRequest('dry_run must be true or false');
  return { changes, reason, dryRun };
}
