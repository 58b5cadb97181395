import { badRequest } from './answer-error.js';

/** @throws {AnswerError} 400 for what is no number of a revision */
export function readRevision(text: string, field: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`${field} must be the number of a revision, e.g. 12`);
}
