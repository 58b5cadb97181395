export { WaygateEngine, type RequestExplanation } from './engine.js';
export type { LifecycleStep } from './lifecycle/lifecycle-step.js';
export type { ExplainedLimit, LimitUsage } from './rate-limit/explain-limit.js';
export type { BlockedEvent, ChangeEvent, WaygateEvents } from './events/waygate-events.js';
export { EventHub } from './events/event-hub.js';
export type { SyncFlags, SyncView } from './sync-view.js';
export type { Bypass, WaygateEngineOptions } from './config/engine-config.js';
export { Environment } from './config/environment.js';

export type { Access, TokenInput, TokenView } from './access/access.js';

export { CHANGE_KINDS } from './schema/change.js';
export { Turn } from './model/turn.js';
export { MAX_CHANGES, type Change, type ChangeKind, type ChangeKinds } from './changes/change.js';
export type { AppliedChanges, ChangedSetting } from './changes/changes.js';
export type { ChangePreview, ChangeWarning, PreviewedHandler, PreviewedRecord } from './changes/preview.js';
export type { BlockedBy, EffectiveState } from './lifecycle/effective-state.js';

export type { Author } from './schema/author.js';
export type {
  AuditLog,
  AuditQuery,
  AuditSearch,
  RecordDifference,
  RecordReversal,
  RevertOptions,
  RevisionDifference,
} from './audit/audit-log.js';
export { differences, type Difference } from './audit/difference.js';

export { WaygateBackend } from './backend/waygate-backend.js';
export type { Unsubscribe } from './backend/unsubscribe.js';
export type { Restoration } from './backend/restoration.js';
export { FileBackend, type FileBackendOptions } from './backend/file/file-backend.js';
export { MemoryBackend, type MemoryBackendOptions } from './backend/memory-backend.js';
export { checkChangeSet } from './backend/check-change-set.js';
export { BoundedLog, checkPage, matchesAudit, matchesHit } from './backend/bounded-log.js';

export { readDeclaration, type DeprecationInput, type RouteDeclaration } from './lifecycle/route-declaration.js';
export { effectiveRoute, type EffectiveRoute } from './lifecycle/effective-route.js';
export type {
  Allowed,
  DisabledBlock,
  EnvGatedBlock,
  LifecycleBlock,
  LifecycleDecision,
  MaintenanceBlock,
} from './lifecycle/lifecycle-decision.js';
export type {
  Maintenance,
  MaintenanceChange,
  MaintenanceInEffect,
  MaintenanceSwitch,
  MaintenanceView,
} from './lifecycle/maintenance.js';
export type { ReportedRoute, ReportedRoutes } from './lifecycle/reported-routes.js';
export type { RouteHandle } from './lifecycle/route-handle.js';
export type { RouteChange, RouteRegistration, Routes, RouteView } from './lifecycle/routes.js';
export type { ScheduleInput } from './lifecycle/schedule-input.js';

export { addressKey, type AddressGrouping } from './rate-limit/address-key.js';
export type { AppFunction } from './rate-limit/app-function.js';
export type { DynamicLimit, LimitCode, LimitPhase, LimitScope, RateLimitFunctions } from './rate-limit/compiled-limit.js';
export { formatLimit } from './model/limit-string.js';
export type { LimitOutcome, LimitQuota, LimitReport, RateLimitedBlock, WithinLimits } from './rate-limit/limit-outcome.js';
export { MemoryCounterStore, type MemoryCounterStoreOptions } from './rate-limit/memory-counter-store.js';
export type {
  LimitScopeChange,
  LimitScopeInput,
  LimitScopeSwitch,
  LimitScopeView,
  TemporaryLimitScopeChange,
} from './rate-limit/limit-scope-switch.js';
export type { LimitedRoute, LimitPlan, RateLimitDeclaration } from './rate-limit/limited-route.js';
export type { RateLimitChange, RateLimits, RateLimitView } from './rate-limit/rate-limits.js';

export { ErrorCode, type FlagDetails, type FlagMetadata, type FlagReason, type OpenFeatureReason } from './flags/flag-details.js';
export type { EvaluationCount, EvaluationFilter, EvaluationSample, EvaluationTotal } from './flags/evaluation-log.js';
export type { ExplainedClause, ExplainedShare, ExplainedStep, FlagExplanation } from './flags/explain-flag.js';
export { toOpenFeature, type FlagClient, type TrackedEvent } from './flags/flag-client.js';
export { FlagEvaluationError } from './flags/hook-run.js';
export {
  ServerProviderEvents,
  ServerProviderStatus,
  type OpenFeatureClientMetadata,
  type OpenFeatureContext,
  type OpenFeatureContextValue,
  type OpenFeatureDetails,
  type OpenFeatureEvaluationOptions,
  type OpenFeatureEventDetails,
  type OpenFeatureEventHandler,
  type OpenFeatureHook,
  type OpenFeatureHookContext,
  type OpenFeatureHookHints,
  type OpenFeatureLogger,
  type OpenFeatureTrackingDetails,
  type OpenFeatureValueType,
} from './flags/open-feature.js';
export type { FlagKey, FlagTypes } from './flags/flag-types.js';
export type { FlagOverrides } from './flags/flag-evaluator.js';
export type { FlagView, StaleFlag } from './flags/flag-view.js';
export type { FlagChange } from './flags/flag-change.js';
export type { FlagFilter, Flags, SwitchExpiry } from './flags/flags.js';
export { readFlag, type FlagWriting } from './flags/read-flag.js';
export { readSegment } from './flags/read-segment.js';
export type { Segments, SegmentView } from './flags/segments.js';

export type { LimitPreview } from './limit-preview.js';
export type { ReplayedCaller } from './rate-limit/replay.js';
export type { RequestLog, Sender } from './stats/request-log.js';
export type { MinuteFigures, RequestStats, RouteFigures, TrafficFigures } from './stats/request-stats.js';
export type { RouteTraffic } from './stats/route-traffic.js';
export type { UpcomingChange } from './schedule/upcoming.js';
export type { Health } from './state/health.js';

export type { DeliveryQuery, DeliveryView } from './webhooks/deliveries.js';
export type { WebhookFormatter } from './webhooks/formatters.js';
export type { WebhookDeclaration, WebhookInput, WebhooksOptions } from './webhooks/webhooks-options.js';
export type { AttemptResult } from './webhooks/webhook-sender.js';
export type { AddedWebhook, SecretRotation, WebhookChange, WebhookPatch, Webhooks } from './webhooks/webhooks.js';
export type { WebhookView } from './webhooks/webhook-view.js';
export { auditPath } from './wire/audit-path.js';
export { maintenanceOnWire, routeStateOnWire } from './wire/route-state.js';
export { instantOnWire } from './schema/wire-time.js';

export type { CounterCheck, CounterRule, CounterStore, CounterVerdict } from './rate-limit/counter-store.js';

export { RECORD_KINDS, type AuditAction, type Platform, type RecordKind } from './model/vocabulary.js';
export type { AuditClaim, AuditEntry, AuditFilter, AuditKind, RecordedAuditEntry } from './schema/audit.js';
export {
  AlreadyExistsError,
  AmbiguousRouteError,
  BackendUnavailableError,
  ChangeFailedError,
  ChangeRefusedError,
  ChangesConflictError,
  ConfigurationError,
  ConflictError,
  CounterStoreError,
  DeliveryNotFoundError,
  EngineClosedError,
  FlagNotFoundError,
  InUseError,
  FileLockedError,
  InvalidLimitError,
  RevisionConflictError,
  RevisionNotFoundError,
  RouteNotFoundError,
  RouteProtectedError,
  SegmentNotFoundError,
  StateFileError,
  StateLostError,
  ValidationError,
  WaygateError,
  WebhookNotFoundError,
  type ChangeConflict,
} from './model/errors.js';
export { CLAUSE_OPERATORS, type ClauseInput, type ClauseOperator, type RuleClause } from './schema/clause.js';
export type { ContextValue, EvaluationContext } from './model/evaluation-context.js';
export {
  FLAG_STATUSES,
  FLAG_TYPES,
  flagInput,
  flagShape,
  progressiveRolloutInput,
  scheduledChangeInput,
  TOTAL_WEIGHT,
  type Bucketing,
  type BucketingInput,
  type FlagInput,
  type FlagRecord,
  type FlagStatus,
  type FlagType,
  type FlagValue,
  type FlagVariation,
  type Prerequisite,
  type ProgressiveRollout,
  type ProgressiveRolloutInput,
  type ProgressiveStep,
  type RolloutVariation,
  type RuleInput,
  type ScheduledActionName,
  type ScheduledChange,
  type ScheduledChangeInput,
  type TargetingRule,
  type VariationInput,
} from './schema/flag.js';
export type { JsonValue } from './model/json.js';
export {
  segmentInput,
  segmentRecord,
  segmentRule,
  type SegmentInput,
  type SegmentRecord,
  type SegmentRule,
  type SegmentRuleInput,
} from './schema/segment.js';
export type { Caller } from './model/caller.js';
export type { Expiry } from './model/expiry.js';
export { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from './schema/maintenance.js';
export {
  ALGORITHMS,
  KEY_STRATEGIES,
  MAX_BURST,
  MAX_COST,
  MISSING_KEY_POLICIES,
  NO_RESETS,
  RATE_LIMIT_MODES,
  rateLimitInput,
  rateLimitPolicy,
  STORE_FAILURE_POLICIES,
} from './schema/rate-limit.js';
export { fromWire, toWire, type WireOf } from './schema/wire-form.js';
export { read } from './schema/check.js';
export {
  incomingEntry,
  incomingHit,
  incomingWrite,
  type IncomingEntry,
  type IncomingHit,
  type IncomingWrite,
} from './schema/incoming.js';
export type {
  HitFilter,
  LimitScopeRecord,
  MissingKeyPolicy,
  RateLimitAlgorithm,
  RateLimitHit,
  RateLimitInput,
  RateLimitKeyStrategy,
  RateLimitMode,
  RateLimitOverride,
  RateLimitPolicy,
  RateLimitRecord,
  RateLimitTier,
  StoreFailurePolicy,
} from './schema/rate-limit.js';
export { ANY_STORE } from './schema/record.js';
export type {
  ChangeBatch,
  ChangedRecord,
  ChangeSet,
  Page,
  PageRequest,
  RecordValues,
  RecordWrite,
  StateImage,
  StoredRecord,
  StoreIdentity,
} from './schema/record.js';
export { formatRouteKey, parseRouteKey, ROUTE_METHODS, type RouteKeyParts } from './model/route-key.js';
export { didYouMean, similarNames } from './model/similar-names.js';
export type { Recurrence } from './model/recurrence.js';
export {
  ACTIVE_ROUTE,
  MAX_ROUTE_TAG_LENGTH,
  MAX_ROUTE_TAGS,
  type DeclaredRoute,
  type Deprecation,
  type OverrideState,
  type RouteOverride,
  type RouteRecord,
  type RouteStatus,
} from './schema/route.js';
export type { MaintenanceOnWire, RouteStateOnWire, WindowOnWire } from './schema/route-state.js';
export type {
  DeliveryProgress,
  DeliveryState,
  WebhookDeliveryRecord,
  WebhookEvent,
  WebhookEventName,
  WebhookRecord,
  WebhookSecret,
  WebhookSettings,
} from './schema/webhook.js';
export {
  instantMs,
  toDuration,
  toInstant,
  toWindow,
  windowIsOpen,
  type Clock,
  type DurationInput,
  type Instant,
  type InstantInput,
  type RecurrenceInput,
  type TimeWindow,
  type TimeWindowInput,
} from './model/time.js';
export type { AccessRole, RevocationRecord, TokenRecord, TokenRole } from './schema/token.js';
export { Replication } from './replication.js';
export type { Snapshot } from './state/snapshot.js';
export { Backoff } from './state/backoff.js';
