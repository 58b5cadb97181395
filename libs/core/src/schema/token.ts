import * as v from 'valibot';
import { choice, instant, list, matching, object, text } from './fields.js';

const ACCESS_ROLES = ['viewer', 'operator', 'admin'] as const;

/** What a principal may do: each role includes the ones before it. */
export type AccessRole = (typeof ACCESS_ROLES)[number];

export const TOKEN_ROLES = [...ACCESS_ROLES, 'sdk', 'client'] as const;

/**
 * {@link AccessRole}; or `sdk`: what an SDK of one service needs and nothing else; or `client`: evaluating visible flags, safe to put
 * into a web page.
 */
export type TokenRole = (typeof TOKEN_ROLES)[number];

export const tokenRecord = object({
  name: text(),
  role: choice(TOKEN_ROLES),
  /** Services it is limited to; `null` = it covers everything. Exactly one for `sdk`. */
  services: v.nullable(list(text())),
  createdAt: instant,
  createdBy: text(),
  /** `null` = it never expires. */
  expiresAt: v.nullable(instant),
  /** SHA-256 of the secret part, hexadecimal. */
  hash: matching(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal'),
  /** Written at most once an hour; `null` = never used. */
  lastUsedAt: v.nullable(instant),
});

/** The stored value of kind `token`: a named API token. Its key is the token's id; the token itself is not stored. */
export interface TokenRecord extends v.InferOutput<typeof tokenRecord> {}

export const revocationRecord = object({
  subject: text(),
  /** When the session would have expired: the record is of no use afterwards. */
  expiresAt: instant,
});

/** The stored value of kind `revocation`: a session that was ended before its time. Its key is the session's id. */
export interface RevocationRecord extends v.InferOutput<typeof revocationRecord> {}
