import { toInstant, ValidationError, type AuditAction, type AuditEntry, type Platform } from '@waygate/core';
import { isObject } from '../http/body.js';

/** What SDKs do to routes. */
const ACTIONS: readonly AuditAction[] = ['enable', 'disable', 'maintenance_on', 'env_gate', 'clear'];
const PLATFORMS: readonly Platform[] = ['cli', 'sdk', 'dashboard', 'system'];
const STATUSES: readonly unknown[] = ['active', 'maintenance', 'disabled', 'env_gated', 'deprecated', null];

/**
 * Reads an AuditEntry that an SDK sends about one of its routes (wire contract, §5).
 * Who made the entry and when is set here; what the SDK says about that is kept as a claim.
 * @param service whose route it is
 * @param author the caller, and the time in epoch ms
 * @throws {ValidationError} naming the field
 */
export function readSdkAudit(
  body: unknown,
  service: string,
  author: { readonly actor: string; readonly now: number },
): AuditEntry {
  if (!isObject(body)) throw new ValidationError('entry', 'must be an object');
  const status = (name: string) => {
    const value = body[name] ?? null;
    if (!STATUSES.includes(value)) throw new ValidationError(name, 'is not a status');
    return value;
  };
  return {
    id: text(body, 'id', 64),
    claimed: {
      at: toInstant(text(body, 'timestamp', 64), 'timestamp'),
      actor: text(body, 'actor', 256, 'system'),
      platform: oneOf(body, 'platform', PLATFORMS, 'system'),
    },
    at: new Date(author.now).toISOString(),
    kind: 'route',
    key: text(body, 'path', 1_024),
    service,
    action: oneOf(body, 'action', ACTIONS),
    actor: author.actor,
    platform: 'sdk',
    reason: text(body, 'reason', 2_000, ''),
    before: status('previous_status'),
    after: status('new_status'),
  };
}

function text(body: Record<string, unknown>, name: string, longest: number, otherwise?: string): string {
  const value = body[name] ?? otherwise;
  if (typeof value !== 'string' || (otherwise === undefined && value === '')) throw new ValidationError(name, 'is required');
  if (value.length > longest) throw new ValidationError(name, `must have at most ${longest} characters`);
  return value;
}

function oneOf<T extends string>(body: Record<string, unknown>, name: string, known: readonly T[], otherwise?: T): T {
  const value = body[name] ?? otherwise;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new ValidationError(name, `must be one of ${known.join(', ')}`);
  return found;
}
