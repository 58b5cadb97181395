export { WaygateModule } from './waygate.module.js';
export type { ContextOf, WaygateModuleOptions } from './config/waygate.options.js';

export { Deprecated } from './decorators/deprecated.decorator.js';
export { Disabled, type DisabledDecoratorOptions } from './decorators/disabled.decorator.js';
export { EnvOnly } from './decorators/env-only.decorator.js';
export { ForceActive } from './decorators/force-active.decorator.js';
export { Maintenance, type MaintenanceDecoratorOptions } from './decorators/maintenance.decorator.js';
export {
  RateLimit,
  type AskedOfRequest,
  type RateLimitDecoratorOptions,
  type TieredLimits,
} from './decorators/rate-limit.decorator.js';
export { UseWaygate } from './enforcement/use-waygate.decorator.js';

export {
  WaygateResponse,
  type Block,
  type BlockAnswer,
  type BlockContext,
  type BlockedBody,
  type BlockResponder,
  type FlagBlock,
  type WaygateResponseOptions,
} from './responses/custom-response.js';
export { FlagContext } from './flags/flag-context.js';
export { FlagLoggingHook, type FlagLoggingOptions } from './flags/flag-logging.hook.js';
export { BooleanFlag, FlagDetails, NumberFlag, ObjectFlag, StringFlag } from './flags/flag-values.decorator.js';
export { InjectFlags, WAYGATE_FLAGS } from './flags/inject-flags.decorator.js';
export { RequireFlag, type RequireFlagOptions } from './flags/require-flag.decorator.js';
export { RouteVariant } from './decorators/route-variant.decorator.js';

export type { RateLimitHeaders } from './responses/rate-limit-headers.js';
export { WaygateException } from './responses/waygate.exception.js';

export type { Identify, Identity } from './identity/request-caller.js';

export {
  FileBackend,
  MemoryBackend,
  MemoryCounterStore,
  WaygateBackend,
  WaygateEngine,
  type Bypass,
  type CounterCheck,
  type CounterRule,
  type CounterStore,
  type CounterVerdict,
  type FileBackendOptions,
  type Health,
  type MemoryCounterStoreOptions,
  type Unsubscribe,
  type WaygateEngineOptions,
  type WaygateEvents,
} from '@waygate/core';

export {
  AlreadyExistsError,
  AmbiguousRouteError,
  BackendUnavailableError,
  ChangeRefusedError,
  ConfigurationError,
  ChangeFailedError,
  ChangesConflictError,
  ConflictError,
  CounterStoreError,
  DeliveryNotFoundError,
  EngineClosedError,
  FileLockedError,
  FlagEvaluationError,
  FlagNotFoundError,
  InUseError,
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
} from '@waygate/core';

/** Arguments and results of `engine.routes`, `.maintenance`, `.rateLimits`, and of the engine's own methods. */
export type {
  DeprecationInput,
  DurationInput,
  Expiry,
  InstantInput,
  LifecycleBlock,
  LifecycleDecision,
  LimitPhase,
  LimitPreview,
  LimitScopeChange,
  LimitScopeInput,
  LimitScopeView,
  MaintenanceChange,
  MaintenanceInEffect,
  MaintenanceView,
  RateLimitChange,
  RateLimitedBlock,
  RateLimitHit,
  RateLimitInput,
  RateLimitView,
  RequestExplanation,
  RouteChange,
  RouteView,
  ScheduleInput,
  TimeWindowInput,
  UpcomingChange,
} from '@waygate/core';

/** Arguments and results of `engine.flags`, `.segments`, and `.flagClient`. */
export type {
  EvaluationContext,
  FlagChange,
  FlagClient,
  FlagExplanation,
  FlagFilter,
  FlagInput,
  FlagKey,
  FlagTypes,
  FlagValue,
  FlagView,
  JsonValue,
  OpenFeatureContext,
  OpenFeatureDetails,
  OpenFeatureEvaluationOptions,
  OpenFeatureHook,
  OpenFeatureHookContext,
  ProgressiveRolloutInput,
  ScheduledChangeInput,
  SegmentInput,
  SegmentView,
  StaleFlag,
} from '@waygate/core';

/** Arguments and results of `engine.audit` and `.webhooks`. */
export type {
  AddedWebhook,
  AuditQuery,
  AuditSearch,
  DeliveryQuery,
  DeliveryView,
  Page,
  PageRequest,
  RecordedAuditEntry,
  RevertOptions,
  RevisionDifference,
  WebhookChange,
  WebhookDeclaration,
  WebhookEvent,
  WebhookFormatter,
  WebhookInput,
  WebhookPatch,
  Webhooks,
  WebhooksOptions,
  WebhookView,
} from '@waygate/core';
