import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { auditEntry, type Author } from '../schema/author.js';
import { ValidationError } from '../model/errors.js';
import type { RecordWrite } from '../schema/record.js';
import { serviceName } from '../model/route-key.js';
import { instantMs, toInstant, type Clock, type InstantInput } from '../model/time.js';
import { TOKEN_ROLES, type TokenRecord, type TokenRole } from '../schema/token.js';
import type { ControlState } from '../state/control-state.js';
import type { Snapshot } from '../state/snapshot.js';

export interface TokenInput {
  /** What it is for: 1 to 128 characters. */
  readonly name: string;
  readonly role: TokenRole;
  /** Services it is confined to. Default: none, it covers everything. `sdk` needs exactly one. */
  readonly services?: readonly string[] | null;
  /** Default: it does not run out. */
  readonly expiresAt?: InstantInput | null;
}

/** A token as it may be shown. */
export interface TokenView extends Omit<TokenRecord, 'hash'> {
  readonly id: string;
  readonly revision: number;
}

const MAX_TOKENS = 1_000;
const TOKEN = /^wg_([A-Za-z0-9]{16})_([A-Za-z0-9_-]{43})$/;
const SESSION_ID = /^[A-Za-z0-9_-]{1,128}$/;
const USE_RESOLUTION_MS = 3_600_000;
/** Outlived revocations removed with each new one. */
const SWEPT_AT_ONCE = 100;

/**
 * Named API tokens, and sessions that were ended early. Both are records: every node knows of them as fast as of any change, and after
 * a restart. Changes throw `ValidationError` and `BackendUnavailableError`; then nothing was changed.
 */
export class Access {
  constructor(
    private readonly state: ControlState,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a token. @returns it with its secret, which cannot be read again
   * @throws {ValidationError}
   */
  async createToken(input: TokenInput, author: Author = {}): Promise<{ readonly token: string; readonly view: TokenView }> {
    const now = this.clock();
    const id = randomBytes(8).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const value: TokenRecord = {
      ...readToken(input, now),
      createdAt: new Date(now).toISOString(),
      createdBy: author.actor ?? 'system',
      hash: hashOf(secret),
      lastUsedAt: null,
    };
    await this.state.change((snapshot) => {
      if (snapshot.count('token') >= MAX_TOKENS)
        throw new ValidationError('token', `there are ${MAX_TOKENS} tokens already; revoke some first`);
      const audit = auditEntry(
        { action: 'token_created', kind: 'token', key: id, service: null, before: null, after: redacted(value) },
        author,
        now,
      );
      return { writes: [{ kind: 'token', key: id, expected: 0, value }], audit: [audit] };
    });
    return { token: `wg_${id}_${secret}`, view: this.#view(id) ?? { id, revision: 0, ...redacted(value) } };
  }

  /** Ends a token at once, everywhere. @returns whether there was one */
  async revokeToken(id: string, author: Author = {}): Promise<boolean> {
    let existed = false;
    await this.state.change((snapshot) => {
      const stored = snapshot.get('token', id);
      existed = stored !== undefined;
      if (stored === undefined) return null;
      const audit = auditEntry(
        { action: 'token_revoked', kind: 'token', key: id, service: null, before: redacted(stored.value), after: null },
        author,
        this.clock(),
      );
      return { writes: [{ kind: 'token', key: id, expected: stored.revision, value: null }], audit: [audit] };
    });
    return existed;
  }

  /** All tokens, expired ones too, by name. */
  listTokens(): readonly TokenView[] {
    return [...this.state.snapshot.list('token')]
      .map(({ key, revision, value: { hash: _hash, ...value } }) => ({ id: key, revision, ...value }))
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
  }

  /** Whether text has the form of a token of this kind, valid or not. */
  isToken(text: string): boolean {
    return TOKEN.test(text);
  }

  /** What a presented token stands for; `null` = unknown, wrong or expired. Reads the snapshot, never the backend. */
  verifyToken(text: string): TokenView | null {
    const [, id = '', secret = ''] = TOKEN.exec(text) ?? [];
    const stored = this.state.snapshot.get('token', id);
    if (stored === undefined) return null;
    const { hash, expiresAt } = stored.value;
    if (!timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(hashOf(secret), 'hex'))) return null;
    return expiresAt !== null && instantMs(expiresAt) <= this.clock() ? null : this.#view(id);
  }

  /** Notes that a token was used; written at most once an hour, and not at all when the backend is away. */
  async touchToken(id: string): Promise<void> {
    const now = this.clock();
    const known = this.state.snapshot.get('token', id)?.value.lastUsedAt ?? null;
    if (known !== null && now - instantMs(known) < USE_RESOLUTION_MS) return;
    await this.state.change((snapshot) => {
      const stored = snapshot.get('token', id);
      if (stored === undefined || stored.value.lastUsedAt !== known) return null;
      const value = { ...stored.value, lastUsedAt: new Date(now).toISOString() };
      return { writes: [{ kind: 'token', key: id, expected: stored.revision, value }], audit: [] };
    });
  }

  /**
   * Ends a session before its time, on every node.
   * @param expiresAt when it would have ended by itself
   * @throws {ValidationError} for an id that no session has
   */
  async revokeSession(id: string, subject: string, expiresAt: InstantInput): Promise<void> {
    if (!SESSION_ID.test(id)) throw new ValidationError('session', 'is not the id of a session');
    const until = toInstant(expiresAt, 'expiresAt');
    if (instantMs(until) <= this.clock()) return;
    await this.state.change((snapshot) => {
      if (snapshot.get('revocation', id) !== undefined) return null;
      const value = { subject: subject.slice(0, 256), expiresAt: until };
      return { writes: [{ kind: 'revocation', key: id, expected: 0, value }, ...this.#outlived(snapshot)], audit: [] };
    });
  }

  isRevoked(session: string): boolean {
    return this.state.snapshot.get('revocation', session) !== undefined;
  }

  *#outlived(snapshot: Snapshot): IterableIterator<RecordWrite<'revocation'>> {
    const now = this.clock();
    let swept = 0;
    for (const { kind, key, revision, value } of snapshot.list('revocation')) {
      if (instantMs(value.expiresAt) > now) continue;
      yield { kind, key, expected: revision, value: null };
      if (++swept === SWEPT_AT_ONCE) return;
    }
  }

  #view(id: string): TokenView | null {
    const stored = this.state.snapshot.get('token', id);
    if (stored === undefined) return null;
    const { hash: _hash, ...value } = stored.value;
    return { id, revision: stored.revision, ...value };
  }
}

/** @throws {ValidationError} */
function readToken(
  { name, role, services = null, expiresAt = null }: TokenInput,
  now: number,
): Pick<TokenRecord, 'name' | 'role' | 'services' | 'expiresAt'> {
  if (typeof name !== 'string' || name.trim() === '' || name.length > 128)
    throw new ValidationError('name', 'must have 1 to 128 characters');
  if (!TOKEN_ROLES.includes(role))
    throw new ValidationError('role', `'${String(role)}' is not known. Use one of ${TOKEN_ROLES.join(', ')}`);
  if (services !== null && !Array.isArray(services)) throw new ValidationError('services', 'must be a list of service names');
  if (services !== null && services.length > 100) throw new ValidationError('services', 'must name at most 100 services');
  const scope = services === null ? null : [...new Set(services.map((service, i) => serviceName(service, `services[${i}]`)))];
  if (scope?.length === 0) throw new ValidationError('services', 'must name at least one service; leave it out to cover all');
  if (role === 'sdk' && scope?.length !== 1)
    throw new ValidationError('services', 'an SDK token is bound to exactly one service');
  if (role === 'client' && scope !== null)
    throw new ValidationError('services', 'a client token is for flags, which belong to no service; leave it out');
  const until = expiresAt === null ? null : toInstant(expiresAt, 'expiresAt');
  if (until !== null && instantMs(until) <= now) throw new ValidationError('expiresAt', `${until} is over already`);
  return { name: name.trim(), role, services: scope, expiresAt: until };
}

/** The secret has 256 bits of entropy: a plain hash is all it takes to be of no use to who reads the store. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** What the audit log may keep. */
function redacted(record: TokenRecord): TokenRecord {
  return { ...record, hash: '' };
}
