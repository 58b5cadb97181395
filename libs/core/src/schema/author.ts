import { randomUUID } from 'node:crypto';
import type { AuditEntry } from './audit.js';
import type { AuditAction, Platform } from '../model/vocabulary.js';
import { ValidationError } from '../model/errors.js';
import type { RecordValues } from './record.js';
import type { RecordKind } from '../model/vocabulary.js';

/** Who makes a change and why; every method that changes something takes it. */
export interface Author {
  /** Who; default `system`. At most 256 characters. */
  readonly actor?: string;
  /** From where; default `code`. */
  readonly platform?: Platform;
  /** Why; shown to operators and, for blocked routes, to callers. At most 2000 characters. */
  readonly reason?: string;
}

/** What an audit entry is made from. */
export interface AuditDraft<K extends RecordKind> {
  readonly action: AuditAction;
  readonly kind: K;
  readonly key: string;
  readonly service: string | null;
  readonly before: RecordValues[K] | null;
  readonly after: RecordValues[K] | null;
}

/** What an entry about the store as a whole is made from. */
export interface StateDraft {
  readonly action: 'state_restored' | 'state_accepted';
  readonly kind: 'state';
  readonly key: '*';
  readonly service: null;
  readonly before: null;
  readonly after: null;
}

/** @throws {ValidationError} when actor or reason are too long */
export function auditEntry<K extends RecordKind>(draft: AuditDraft<K> | StateDraft, author: Author, now: number): AuditEntry {
  const { actor = 'system', platform = 'code', reason = '' } = author;
  checkActor(actor);
  return { id: randomUUID(), at: new Date(now).toISOString(), ...draft, actor, platform, reason: checkReason(reason) };
}

/** @throws {ValidationError} when it is too long */
export function checkActor(actor: string): void {
  if (actor.length > 256) throw new ValidationError('actor', 'must have at most 256 characters');
}

/** @throws {ValidationError} when it is too long, or not text */
export function checkReason(reason: unknown, field = 'reason'): string {
  if (typeof reason !== 'string') throw new ValidationError(field, 'must be text');
  if (reason.length > 2_000) throw new ValidationError(field, 'must have at most 2000 characters');
  return reason;
}
