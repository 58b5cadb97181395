import type { WireInstant } from './routes.js';

/** For how long something that is set holds; of the two, one. What held before holds again afterwards. */
export interface Expiry {
  /** A length of time such as `2h`; `ms`, `s`, `m`, `h`, `d` or `w`. */
  readonly expires_in?: string;
  readonly expires_at?: WireInstant;
}

export interface Recurrence {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** How long it lasts each time, e.g. `2h`. */
  readonly duration: string;
  /** IANA name, e.g. `Europe/Berlin`. Default UTC. */
  readonly time_zone?: string;
}

/** When something planned takes place: once between two edges, or again and again, then within the edges given. */
export type PlanInput =
  | { readonly start: WireInstant; readonly end: WireInstant }
  | { readonly recurrence: Recurrence; readonly start?: WireInstant; readonly end?: WireInstant };

/** Something that will change by itself. */
export interface UpcomingChange {
  readonly at: WireInstant;
  /** As in audit entries. */
  readonly path: string;
  readonly service: string | null;
  /** The kind of record, e.g. `route` or `flag`. */
  readonly kind: string;
  readonly change:
    'window_opened' | 'window_closed' | 'override_expired' | 'switch_back' | 'scheduled_change' | 'rollout_step' | 'rollout_end';
  readonly reason: string;
}
