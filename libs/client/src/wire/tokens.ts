import type { WireInstant } from './routes.js';

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly services: readonly string[] | null;
  readonly expires_at: WireInstant | null;
  readonly last_used_at: WireInstant | null;
  readonly created_at: WireInstant;
}

export interface ApiTokenInput {
  readonly name: string;
  readonly role?: string;
  readonly services?: readonly string[];
  readonly expires_at?: WireInstant;
}

/** A token just made; {@link CreatedToken.token} is shown this once. */
export interface CreatedToken extends ApiToken {
  readonly token: string;
}
