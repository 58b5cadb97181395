import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { IsArray, IsInt, IsObject, IsString, Length, MaxLength, Min, ValidateIf, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import {
  toInstant,
  ValidationError,
  WaygateEngine,
  type AuditEntry,
  type Platform,
  type RecordKind,
  type RecordValues,
  type RecordWrite,
} from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { AnswerError } from '../http/answer-error.js';
import { Optional } from '../http/body.js';
import type { SyncScope } from './sync-scope.js';

class WriteBody {
  @IsString()
  kind: string;

  @IsString()
  @MaxLength(1_200)
  key: string;

  @IsInt()
  @Min(0)
  expected: number;

  @Optional()
  value: unknown;
}

/** What an entry says; how the record was before and after is known here. */
class EntryBody {
  @IsString()
  kind: string;

  @IsString()
  key: string;

  @IsString()
  @MaxLength(64)
  action: string;

  @IsString()
  @MaxLength(2_000)
  reason: string;

  @IsString()
  @MaxLength(256)
  actor: string;

  @IsString()
  @MaxLength(32)
  platform: string;

  @IsString()
  @Length(1, 64)
  id: string;

  @IsString()
  at: string;

  @ValidateIf((_body, value) => value !== null)
  @IsString()
  @MaxLength(128)
  service: string | null;
}

/** A change set of another process. */
export class CommitBody {
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WriteBody)
  writes: WriteBody[];

  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => EntryBody)
  audit: EntryBody[];
}

const MOST_WRITES = 10_000;
const PLATFORMS: readonly Platform[] = ['code', 'cli', 'dashboard', 'api', 'sdk', 'scheduler', 'system'];

/** Takes changes from other processes: as far as they may make them, signed by who they are and not by who they say. */
@Injectable()
export class IncomingChanges {
  constructor(private readonly engine: WaygateEngine) {}

  /**
   * @returns the revision of the commit
   * @throws {AnswerError} 403 for a record out of scope; then nothing was changed
   * @throws {ValidationError | ConflictError | BackendUnavailableError}
   */
  commit({ writes, audit }: CommitBody, scope: SyncScope, who: Principal): Promise<number> {
    if (writes.length > MOST_WRITES) throw new ValidationError('writes', `must be at most ${MOST_WRITES}`);
    const checked = writes.map((write, index) => this.#write(write as RecordWrite, index, scope, who));
    return this.engine.replication.commit({ writes: checked, audit: this.#audit(audit, checked, scope, who) });
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

  #audit(entries: readonly EntryBody[], writes: readonly RecordWrite[], scope: SyncScope, who: Principal): AuditEntry[] {
    const written = new Map(writes.map((write) => [`${write.kind} ${write.key}`, write]));
    const told = new Set<string>();
    const audit = entries.map((entry, index): AuditEntry => {
      const write = written.get(`${entry.kind} ${entry.key}`);
      if (write === undefined) throw new ValidationError(`audit[${index}]`, 'must be about a record that is written');
      if (!/^[a-z_]+$/.test(entry.action)) throw new ValidationError(`audit[${index}].action`, 'must be the name of an action');
      told.add(`${entry.kind} ${entry.key}`);
      return {
        ...this.#origin(entry, index, scope, who),
        action: entry.action as AuditEntry['action'],
        kind: write.kind,
        key: write.key,
        reason: entry.reason,
        before: this.#known(write.kind, write.key),
        after: write.value,
      };
    });
    if (scope.service !== null) {
      const silent = writes.find((write) => !told.has(`${write.kind} ${write.key}`) && this.#changesWhatHolds(write));
      if (silent !== undefined) throw new ValidationError('audit', `must say why the ${silent.kind} '${silent.key}' changes`);
    }
    return audit;
  }

  /** A service speaks for itself, here and now. A relay, which may do everything, speaks for the people it let in. */
  #origin(
    { id, at, service, actor, platform }: EntryBody,
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
