export { WaygateEngine } from './engine.js';
export { EventHub, type BlockedEvent, type ChangeEvent, type WaygateEvents } from './events.js';
export type { SyncView } from './sync-view.js';
export type { Bypass, WaygateEngineOptions } from './config/engine-config.js';
export { Environment } from './config/environment.js';

export type { Access, TokenInput, TokenView } from './access/access.js';

export type { Author } from './audit/author.js';
export type { AuditLog, AuditQuery } from './audit/audit-log.js';

export { WaygateBackend, type Unsubscribe } from './backend/backend.js';
export { MemoryBackend, type MemoryBackendOptions } from './backend/memory-backend.js';
export { checkChangeSet } from './backend/check-change-set.js';
export { BoundedLog, checkPage, matchesAudit, matchesHit } from './backend/bounded-log.js';

export { readDeclaration, type DeprecationInput, type RouteDeclaration } from './lifecycle/declaration.js';
export { effectiveRoute, type EffectiveRoute } from './lifecycle/effective.js';
export type {
  Allowed,
  DisabledBlock,
  EnvGatedBlock,
  LifecycleBlock,
  LifecycleDecision,
  MaintenanceBlock,
} from './lifecycle/decision.js';
export type { Maintenance, MaintenanceChange, MaintenanceSwitch, MaintenanceView } from './lifecycle/maintenance.js';
export type { ReportedRoute, ReportedRoutes } from './lifecycle/reported-routes.js';
export type { RouteHandle } from './lifecycle/route-handle.js';
export type { Expiry, RouteChange, RouteRegistration, Routes, RouteView } from './lifecycle/routes.js';

export type { AddressGrouping } from './rate-limit/address.js';
export type { AppFunction, DynamicLimit, LimitPhase, LimitScope, RateLimitFunctions } from './rate-limit/compiled-limit.js';
export { formatLimit } from './rate-limit/limit-string.js';
export type { LimitOutcome, LimitReport, RateLimitedBlock, WithinLimits } from './rate-limit/limit-outcome.js';
export { MemoryCounterStore, type MemoryCounterStoreOptions } from './rate-limit/memory-counter-store.js';
export type { LimitScopeChange, LimitScopeInput, LimitScopeSwitch, LimitScopeView } from './rate-limit/limit-scope-switch.js';
export type { LimitedRoute, RateLimitDeclaration } from './rate-limit/limited-route.js';
export type { RateLimitInput } from './rate-limit/policy.js';
export type { RateLimitChange, RateLimits, RateLimitView } from './rate-limit/rate-limits.js';

export type { Health } from './state/control-state.js';

export type { CounterCheck, CounterRule, CounterStore, CounterVerdict } from './rate-limit/counter-store.js';

export type { AuditAction, AuditEntry, AuditFilter, Platform, RecordedAuditEntry } from './model/audit.js';
export {
  AmbiguousRouteError,
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  CounterStoreError,
  EngineClosedError,
  InvalidLimitError,
  RouteNotFoundError,
  RouteProtectedError,
  ValidationError,
  WaygateError,
} from './model/errors.js';
export type { Caller } from './model/caller.js';
export { GLOBAL_SCOPE, NO_MAINTENANCE, type MaintenanceRecord } from './model/maintenance.js';
export type {
  HitFilter,
  LimitScopeRecord,
  MissingKeyPolicy,
  RateLimitAlgorithm,
  RateLimitHit,
  RateLimitKeyStrategy,
  RateLimitMode,
  RateLimitOverride,
  RateLimitPolicy,
  RateLimitRecord,
  RateLimitTier,
  StoreFailurePolicy,
} from './model/rate-limit.js';
export {
  RECORD_KINDS,
  type ChangeBatch,
  type ChangedRecord,
  type ChangeSet,
  type Page,
  type PageRequest,
  type RecordKind,
  type RecordValues,
  type RecordWrite,
  type StateImage,
  type StoredRecord,
} from './model/record.js';
export { formatRouteKey, parseRouteKey, ROUTE_METHODS, type RouteKeyParts } from './model/route-key.js';
export {
  ACTIVE_ROUTE,
  type DeclaredRoute,
  type Deprecation,
  type OverrideState,
  type RouteOverride,
  type RouteRecord,
  type RouteStatus,
} from './model/route.js';
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
  type TimeWindow,
  type TimeWindowInput,
} from './model/time.js';
export type { AccessRole, RevocationRecord, TokenRecord, TokenRole } from './model/token.js';
