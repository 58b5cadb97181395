export { WaygateClient, type WaygateClientOptions } from './waygate-client.js';
export {
  AmbiguousRouteError,
  ApiError,
  ClientConfigurationError,
  ConflictError,
  ForbiddenError,
  NoAnswerError,
  NotFoundError,
  NotJsonError,
  PreconditionFailedError,
  RateLimitedError,
  ServerError,
  TimeoutError,
  TlsError,
  UnauthorizedError,
  UnreachableError,
  WaygateClientError,
} from './http/errors.js';
export { Api, type ApiOptions, type CallOptions, type JsonAnswer, type Query } from './http/api.js';
export { DEFAULT_RETRY, type RetryPolicy } from './http/retry.js';
export type { HttpAnswer } from './http/transport.js';
export { pathKey } from './resources/path-key.js';
export { followEvents, type StreamOptions, type StreamState } from './stream/follow-events.js';
export { SseParser, type ServerSentEvent } from './stream/sse-parser.js';
export type { AuditEntry, AuditExportOptions, AuditQuery } from './wire/audit.js';
export type { Identity, Login } from './wire/auth.js';
export type { AppliedChanges, ChangeConflict, ChangeInput, ChangesPreview } from './wire/changes.js';
export type { ChangeEvent, EvaluationEvent, SdkEvent } from './wire/events.js';
export type { EvaluationCount, EvaluationSample, FlagExplanation, FlagStep, StaleFlag } from './wire/flag-insight.js';
export type {
  Bucketing,
  EvaluationContext,
  FeatureFlag,
  FlagEvaluation,
  FlagFilter,
  FlagInput,
  FlagStatus,
  FlagType,
  FlagVariation,
  Prerequisite,
  ProgressiveRollout,
  RolloutInput,
  RolloutVariation,
  RuleClause,
  ScheduledChange,
  TargetingRule,
} from './wire/flags.js';
export type { MaintenanceConfig, MaintenanceInput, SwitchWindow } from './wire/maintenance.js';
export type {
  ExplainedBlock,
  ExplainedLimit,
  ExplainedStep,
  ExplainRequest,
  Health,
  Instance,
  Instances,
  RequestExplanation,
} from './wire/operations.js';
export type {
  GlobalRateLimit,
  GlobalRateLimitInput,
  GlobalRateLimitPolicy,
  KeyStrategy,
  LimitMode,
  OnMissingKey,
  OnStoreError,
  RateLimitAlgorithm,
  RateLimitHit,
  RateLimitPolicy,
  RateLimitPolicyInput,
  RateLimitTier,
} from './wire/rate-limits.js';
export type { MemberDifference, RecordDifference, Reverted, Revision, RevisionDiff, RevisionPage } from './wire/revisions.js';
export type {
  BlockedBy,
  EffectiveState,
  MaintenanceWindow,
  RouteState,
  RouteStatus,
  StateSource,
  WireInstant,
} from './wire/routes.js';
export type { Expiry, PlanInput, Recurrence, UpcomingChange } from './wire/schedule.js';
export type { RouteRegistration, SdkSnapshot } from './wire/sdk.js';
export type { Segment, SegmentInput, SegmentRule } from './wire/segments.js';
export type { RouteTraffic, Stats, TrafficFigures } from './wire/stats.js';
export type { ApiToken, ApiTokenInput, CreatedToken, TokenRole } from './wire/tokens.js';
export type {
  DeliveryPage,
  DeliveryQuery,
  DeliveryState,
  Webhook,
  WebhookDelivery,
  WebhookInput,
  WebhookPatch,
  WebhookTest,
  WebhookWithSecret,
} from './wire/webhooks.js';
export type { ChangeOptions, WindowInput } from './resources/routes.js';
export type { Precondition } from './resources/flags.js';
