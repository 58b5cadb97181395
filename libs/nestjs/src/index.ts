export { WaygateModule } from './waygate.module.js';
export { WAYGATE_OPTIONS, type WaygateModuleOptions } from './waygate.options.js';

export { Deprecated } from './decorators/deprecated.decorator.js';
export { Disabled, type DisabledDecoratorOptions } from './decorators/disabled.decorator.js';
export { EnvOnly } from './decorators/env-only.decorator.js';
export { ForceActive } from './decorators/force-active.decorator.js';
export { Maintenance, type MaintenanceDecoratorOptions } from './decorators/maintenance.decorator.js';
export { RateLimit, type RateLimitDecoratorOptions, type TieredLimits } from './decorators/rate-limit.decorator.js';
export { UseWaygate } from './decorators/use-waygate.decorator.js';

export {
  WaygateResponse,
  type Block,
  type BlockAnswer,
  type BlockContext,
  type BlockedBody,
  type BlockResponder,
  type WaygateResponseOptions,
} from './enforcement/custom-response.js';
export type { RateLimitHeaders } from './enforcement/rate-limit-headers.js';
export { WaygateException } from './enforcement/waygate.exception.js';
export { WaygateGuard } from './enforcement/waygate.guard.js';

export type { Identify, Identity } from './identity/request-caller.js';

export {
  AmbiguousRouteError,
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  DeliveryNotFoundError,
  EngineClosedError,
  FileBackend,
  FileLockedError,
  InvalidLimitError,
  MemoryBackend,
  RouteNotFoundError,
  RouteProtectedError,
  StateFileError,
  ValidationError,
  WaygateBackend,
  WaygateEngine,
  WaygateError,
  WebhookNotFoundError,
  type Bypass,
  type DeliveryView,
  type FileBackendOptions,
  type Health,
  type LifecycleBlock,
  type LifecycleDecision,
  type MaintenanceView,
  type RouteView,
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
