import type { Instant } from './time.js';

/** What a principal may do: each role includes the ones before it. */
export type AccessRole = 'viewer' | 'operator' | 'admin';

/** {@link AccessRole}; or what an SDK of one service needs and nothing else; or what may stand in a web page: evaluating visible flags. */
export type TokenRole = AccessRole | 'sdk' | 'client';

/** The persisted value of kind `token`: a named API token. Its key is the token's id; the token itself is stored nowhere. */
export interface TokenRecord {
  readonly name: string;
  readonly role: TokenRole;
  /** Services it is confined to; `null` = none, it covers everything. Exactly one for `sdk`. */
  readonly services: readonly string[] | null;
  readonly createdAt: Instant;
  readonly createdBy: string;
  /** `null` = it does not run out. */
  readonly expiresAt: Instant | null;
  /** SHA-256 of the secret part, hexadecimal. */
  readonly hash: string;
  /** Written at most once an hour; `null` = never used. */
  readonly lastUsedAt: Instant | null;
}

/** The persisted value of kind `revocation`: a session that was ended before its time. Its key is the session's id. */
export interface RevocationRecord {
  readonly subject: string;
  /** When the session would have ended by itself: the record is of no use afterwards. */
  readonly expiresAt: Instant;
}
