import type { WireInstant } from './routes.js';

export interface Login {
  readonly token: string;
  readonly username: string;
  readonly expires_at: WireInstant;
}

export interface Identity {
  readonly username: string;
  readonly platform: string;
}
