import {
  formatRouteKey,
  GLOBAL_SCOPE,
  parseRouteKey,
  RECORD_KINDS,
  type AuditKind,
  type RecordKind,
  type RecordedAuditEntry,
} from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { isServiceName } from '../config/scope.js';
import { AnswerError, badRequest } from '../http/answer-error.js';

/** A record without its value, or what an audit entry is about. */
export interface RecordId {
  readonly kind: AuditKind;
  readonly key: string;
}

/** What only the scheduler of the server writes, or what holds secrets: it never leaves the server. */
const NEVER_SENT: ReadonlySet<AuditKind> = new Set(['edge', 'webhook', 'webhook-delivery']);
/** What a relay needs to let others in, and nobody else. */
const RELAYS_ONLY: ReadonlySet<AuditKind> = new Set(['token', 'revocation', 'state']);
/** Kinds of later versions may hold secrets as well. */
const KNOWN: ReadonlySet<AuditKind> = new Set<AuditKind>([...RECORD_KINDS, 'state'] satisfies (RecordKind | 'state')[]);
const EDGE_ACTIONS: ReadonlySet<string> = new Set(['window_opened', 'window_closed', 'override_expired']);

/**
 * Which records another process keeps in step with: those of one service and what concerns all, or (`service: null`, a relay) everything
 * that may leave the server at all.
 */
export class SyncScope {
  /** The same for scopes that get the same. */
  readonly key: string;

  private constructor(readonly service: string | null) {
    this.key = scopeKeyOf(service);
  }

  /**
   * @param app the service a request names
   * @throws {AnswerError} 403 for a service somebody else speaks for, 400 when none is named and not everything is theirs
   */
  static of(who: Principal, app: string | null): SyncScope {
    if (app !== null && !isServiceName(app)) throw badRequest('X-Waygate-App-Id is not a service name');
    const [only = null, ...others] = who.services ?? [];
    const service = app ?? (others.length === 0 ? only : null);
    if (service !== null && !who.covers(service))
      throw new AnswerError(403, 'This concerns a service you are not responsible for');
    if (service === null && (who.services !== null || !who.has('admin')))
      throw badRequest('Name the service this is for in X-Waygate-App-Id; only an admin of everything keeps in step with all');
    return new SyncScope(service);
  }

  /** Whether a record is sent. */
  includes({ kind, key }: RecordId): boolean {
    if (NEVER_SENT.has(kind) || !KNOWN.has(kind)) return false;
    if (this.service === null) return true;
    if (RELAYS_ONLY.has(kind)) return false;
    if (kind === 'flag' || kind === 'segment') return true;
    if (kind === 'maintenance' || kind === 'limit-scope') return key === GLOBAL_SCOPE || key === this.service;
    return serviceOfRoute(key) === this.service;
  }

  /** Whether a record may be written: of what concerns all, a service only reads. */
  mayWrite({ kind, key }: RecordId): boolean {
    if (!this.includes({ kind, key })) return false;
    if (this.service === null) return true;
    if (kind === 'maintenance' || kind === 'limit-scope') return key === this.service;
    return (kind === 'route' || kind === 'rate-limit') && isCanonical(key);
  }

  /** Whether an audit entry is told with the change: all of them to a relay; to a service, that time moved one of its own. */
  includesAudit(entry: RecordedAuditEntry): boolean {
    if (this.service === null) return this.includes(entry);
    return EDGE_ACTIONS.has(entry.action) && this.includes(entry);
  }
}

function serviceOfRoute(key: string): string | null {
  try {
    return parseRouteKey(key).service;
  } catch {
    return null;
  }
}

/** Two spellings of one key would be two records. */
function isCanonical(key: string): boolean {
  try {
    return formatRouteKey(parseRouteKey(key)) === key;
  } catch {
    return false;
  }
}

/** @param service `null` = everything that may leave the server */
export function scopeKeyOf(service: string | null): string {
  return service ?? '*';
}
