export { WaygateModule } from './waygate.module.js';
export { WAYGATE_OPTIONS, type WaygateModuleOptions, type ContextOf } from './config/waygate.options.js';

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
export { WaygateGuard } from './enforcement/waygate.guard.js';

export type { Identify, Identity } from './identity/request-caller.js';

export {
  AlreadyExistsError,
  AmbiguousRouteError,
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  CounterStoreError,
  DeliveryNotFoundError,
  EngineClosedError,
  FlagNotFoundError,
  FileBackend,
  FileLockedError,
  InUseError,
  InvalidLimitError,
  MemoryBackend,
  MemoryCounterStore,
  RouteNotFoundError,
  RouteProtectedError,
  SegmentNotFoundError,
  StateFileError,
  ValidationError,
  WaygateBackend,
  WaygateEngine,
  WaygateError,
  WebhookNotFoundError,
  type Bypass,
  type CounterCheck,
  type CounterRule,
  type CounterStore,
  type CounterVerdict,
  type DeliveryView,
  type EvaluationContext,
  type FlagClient,
  type FlagInput,
  type FlagKey,
  type FlagTypes,
  type FlagValue,
  type FlagView,
  type FileBackendOptions,
  type Health,
  type LifecycleBlock,
  type LifecycleDecision,
  type LimitScopeView,
  type MaintenanceView,
  type MemoryCounterStoreOptions,
  type OpenFeatureContext,
  type OpenFeatureDetails,
  type OpenFeatureHook,
  type OpenFeatureHookContext,
  type RateLimitedBlock,
  type RateLimitHit,
  type RateLimitInput,
  type RateLimitView,
  type RouteView,
  type SegmentInput,
  type SegmentView,
  type WaygateEngineOptions,
  type WaygateEvents,
  type WebhookDeclaration,
  type WebhookEvent,
  type WebhookFormatter,
  type WebhookInput,
  type Webhooks,
  type WebhooksOptions,
  type WebhookView,
} from '@waygate/core';
