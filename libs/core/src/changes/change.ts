import type { FlagChanges } from '../flags/flag-planners.js';
import type { SegmentChanges } from '../flags/segment-planners.js';
import type { MaintenanceChanges } from '../lifecycle/maintenance-planners.js';
import type { RouteChanges } from '../lifecycle/route-planners.js';
import type { ChangeOf } from '../planning/plan.js';
import type { LimitChanges } from '../rate-limit/limit-planners.js';
import type { LimitScopeChanges } from '../rate-limit/limit-scope-planners.js';
import type { WebhookChanges } from '../webhooks/webhook-planners.js';

/** What each kind of change consists of. Kinds and members are stable: changes are stored and replayed. */
export interface ChangeKinds
  extends RouteChanges, MaintenanceChanges, LimitChanges, LimitScopeChanges, FlagChanges, SegmentChanges, WebhookChanges {}

export type ChangeKind = keyof ChangeKinds;

/**
 * One thing an operator does, as plain data that can be sent, stored and replayed.
 * @example
 * const change: Change = { kind: 'route.disable', key: 'GET:/payments', reason: 'hotfix', expiresIn: '2h' };
 */
export type Change = ChangeOf<ChangeKinds>;

/** How many changes can be made at once. */
export const MAX_CHANGES = 1_000;
