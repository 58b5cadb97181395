import type { WireInstant } from './routes.js';

export interface Login {
  readonly token: string;
  readonly username: string;
  readonly expires_at: WireInstant;
}

export interface Identity {
  readonly username: string;
  readonly platform: string;
  /** `viewer`, `operator`, `admin` or `sdk`. */
  readonly role?: string;
  /** `null` = all. */
  readonly services?: readonly string[] | null;
}
