import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { badRequest } from './answer-error.js';
import { headerOf, type AdminRequest } from './admin-request.js';

/** What `If-Match` asks for, as options of the engine's changes. */
export interface Expected {
  readonly expectedRevision?: number;
}

/** What makes {@link IfMatch}; handlers are known by it. */
export const ifMatchOf = (_data: unknown, context: ExecutionContext): Expected =>
  readIfMatch(headerOf(context.switchToHttp().getRequest<AdminRequest>(), 'if-match'));

/** Reads `If-Match: "<revision>"`; without it, or with `*`, any revision will do. */
export const IfMatch = createParamDecorator(ifMatchOf);

/** @throws {AnswerError} 400 for what is no revision */
function readIfMatch(header: string | null): Expected {
  if (header === null || header === '*') return {};
  const [, revision] = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header) ?? [];
  if (revision === undefined) throw badRequest('If-Match must be a revision, e.g. "12"');
  return { expectedRevision: Number(revision) };
}
