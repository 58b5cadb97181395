import type { AuditEntry } from './audit.js';
import type { EvaluationSample } from './flag-insight.js';
import type { FeatureFlag } from './flags.js';
import type { RateLimitPolicy } from './rate-limits.js';
import type { RouteState } from './routes.js';
import type { Segment } from './segments.js';

/** What the SDK stream tells (`GET /api/sdk/events`). */
export type SdkEvent =
  | { readonly type: 'state'; readonly payload: RouteState }
  | { readonly type: 'rl_policy'; readonly action: 'set'; readonly key: string; readonly policy: RateLimitPolicy }
  | { readonly type: 'rl_policy'; readonly action: 'delete'; readonly key: string }
  | { readonly type: 'flag_updated'; readonly key: string; readonly flag: FeatureFlag }
  | { readonly type: 'flag_deleted'; readonly key: string }
  | { readonly type: 'segment_updated'; readonly key: string; readonly segment: Segment }
  | { readonly type: 'segment_deleted'; readonly key: string };

/** What the stream of changes tells (`GET /api/events`): what the SDK stream tells of all services, and who did it. */
export type ChangeEvent = SdkEvent | { readonly type: 'audit'; readonly entry: AuditEntry };

/** What the stream of evaluations tells (`GET /api/flags/evaluations/stream`); `skipped` = so many more than are told at a time. */
export type EvaluationEvent =
  { readonly type: 'evaluation'; readonly evaluation: EvaluationSample } | { readonly type: 'skipped'; readonly count: number };
