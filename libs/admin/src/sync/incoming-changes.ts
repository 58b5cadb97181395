import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  incomingEntry,
  incomingWrite,
  read,
  toInstant,
  Turn,
  ValidationError,
  WaygateEngine,
  type AuditEntry,
  type IncomingEntry,
  type Platform,
  type RecordKind,
  type RecordValues,
  type RecordWrite,
} from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { AnswerError } from '../http/answer-error.js';
import { readBulk } from '../http/bulk-body.js';
import type { SyncScope } from './sync-scope.js';

const MAX_WRITES = 10_000;
/** A service's records are small. What a relay writes, a segment for example, may be as long as the body. */
const MAX_SERVICE_RECORD = 64 * 1024;
const MAX_RELAY_RECORD = 4 * 1024 * 1024;

const PLATFORMS: readonly Platform[] = ['code', 'cli', 'dashboard', 'api', 'sdk', 'scheduler', 'system'];

/** Takes changes from other processes: as far as they may make them, signed by who they are and not by who they say. */
@Injectable()
export class IncomingChanges {
  constructor(private readonly engine: WaygateEngine) {}

  /**
   * @param body the JSON of a change set
   * @returns the revision of the commit
   * @throws {AnswerError} 403 for a record out of scope; then nothing was changed
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  async commit(body: string, scope: SyncScope, who: Principal): Promise<number> {
    const maxItem = scope.service === null ? MAX_RELAY_RECORD : MAX_SERVICE_RECORD;
    const { writes, audit } = await readBulk(body, {
      writes: { max: MAX_WRITES, maxItem, read: (item, index) => read(incomingWrite, item, `writes[${index}]`) },
      audit: { max: MAX_WRITES, read: (item, index) => read(incomingEntry, item, `audit[${index}]`) },
    });
    const turn = new Turn();
    const checked: RecordWrite[] = [];
    for (const [index, write] of writes.entries()) {
      checked.push(this.#write(write as RecordWrite, index, scope, who));
      if (turn.isOver()) await turn.next();
    }
    return this.engine.replication.commit({ writes: checked, audit: await this.#audit(audit, checked, scope, who) });
  }

  #write(write: RecordWrite, index: number, scope: SyncScope, who: Principal): RecordWrite {
    const { kind, key, expected } = write;
    // A body may leave it out; that means what `null` does.
    const value = (write.value as RecordWrite['value'] | undefined) ?? null;
    if (!scope.mayWrite({ kind, key }))
      throw new AnswerError(403, `writes[${index}]: the ${kind} '${key}' is not yours to change`);
    if (scope.service !== null && value !== null && 'service' in value && value.service !== scope.service)
      throw new AnswerError(403, `writes[${index}].value.service: must be '${scope.service}'`);
    const known = this.#known(kind, key);
    const signed = scope.service === null || value === null ? value : signedBy(who.name, kind, value, known);
    return { kind, key, expected, value: signed } as RecordWrite;
  }

  async #audit(
    entries: readonly IncomingEntry[],
    writes: readonly RecordWrite[],
    scope: SyncScope,
    who: Principal,
  ): Promise<AuditEntry[]> {
    const turn = new Turn();
    const written = new Map(writes.map((write) => [`${write.kind} ${write.key}`, write]));
    const told = new Set<string>();
    const audit: AuditEntry[] = [];
    for (const [index, entry] of entries.entries()) {
      const write = written.get(`${entry.kind} ${entry.key}`);
      if (write === undefined) throw new ValidationError(`audit[${index}]`, 'must be about a record that is written');
      told.add(`${entry.kind} ${entry.key}`);
      audit.push({
        ...this.#origin(entry, index, scope, who),
        action: entry.action as AuditEntry['action'],
        kind: write.kind,
        key: write.key,
        reason: entry.reason,
        before: this.#known(write.kind, write.key),
        after: write.value,
      });
      if (turn.isOver()) await turn.next();
    }
    if (scope.service !== null) {
      const silent = writes.find((write) => !told.has(`${write.kind} ${write.key}`) && this.#changesWhatHolds(write));
      if (silent !== undefined) throw new ValidationError('audit', `must say why the ${silent.kind} '${silent.key}' changes`);
    }
    return audit;
  }

  /** A service speaks for itself, here and now. A relay, which may do everything, speaks for the people it let in. */
  #origin(
    { id, at, service, actor, platform }: IncomingEntry,
    index: number,
    scope: SyncScope,
    who: Principal,
  ): Pick<AuditEntry, 'id' | 'at' | 'service' | 'actor' | 'platform'> {
    if (scope.service !== null) {
      const now = new Date(this.engine.now()).toISOString();
      return { id: randomUUID(), at: now, service: scope.service, actor: who.name, platform: 'sdk' };
    }
    const known = PLATFORMS.find((one) => one === platform);
    if (known === undefined) throw new ValidationError(`audit[${index}].platform`, `must be one of ${PLATFORMS.join(', ')}`);
    return { id, at: toInstant(at, `audit[${index}].at`), service, actor, platform: known };
  }

  /** What the code declares needs no entry; what somebody set does. */
  #changesWhatHolds({ kind, key, value }: RecordWrite): boolean {
    if (kind !== 'route' && kind !== 'rate-limit') return true;
    if (value === null) return true;
    return !isDeepStrictEqual(overrideOf(value), overrideOf(this.#known(kind, key)));
  }

  #known<K extends RecordKind>(kind: K, key: string): RecordValues[K] | null {
    return this.engine.replication.snapshot.get(kind, key)?.value ?? null;
  }
}

function overrideOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'override' in value ? value.override : null;
}

/** The value with who set what is new in it. */
function signedBy(name: string, kind: RecordKind, value: object, known: object | null): object {
  if (kind === 'maintenance' || kind === 'limit-scope')
    return 'setBy' in value && value.setBy !== null ? { ...value, setBy: name } : value;
  const override = overrideOf(value);
  if (typeof override !== 'object' || override === null || isDeepStrictEqual(override, overrideOf(known))) return value;
  return { ...value, override: { ...override, setBy: name } };
}
