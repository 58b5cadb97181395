import type { WireInstant } from './routes.js';

/** `client` = OFREP for flags that are visible to clients, and nothing else. */
export type TokenRole = 'viewer' | 'operator' | 'admin' | 'sdk' | 'client';

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: TokenRole;
  /** `null` = all. */
  readonly services: readonly string[] | null;
  readonly created_at: WireInstant;
  readonly created_by: string;
  /** `null` = never. */
  readonly expires_at: WireInstant | null;
  readonly last_used_at: WireInstant | null;
  readonly revision: number;
}

export interface ApiTokenInput {
  readonly name: string;
  readonly role: TokenRole;
  /** Default: all. */
  readonly services?: readonly string[];
  readonly expires_at?: WireInstant;
}

/** A token just made; {@link CreatedToken.token} is shown this once. */
export interface CreatedToken extends ApiToken {
  readonly token: string;
}
