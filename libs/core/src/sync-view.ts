import type { FlagDetails } from './flags/flag-details.js';
import type { FlagEvaluator } from './flags/flag-evaluator.js';
import type { FlagKey } from './flags/flag-types.js';
import type { FlagView } from './flags/flag-view.js';
import type { FlagFilter, Flags } from './flags/flags.js';
import type { Segments, SegmentView } from './flags/segments.js';
import type { Maintenance, MaintenanceView } from './lifecycle/maintenance.js';
import type { Routes, RouteView } from './lifecycle/routes.js';
import type { RateLimits, RateLimitView } from './rate-limit/rate-limits.js';

import type { EvaluationContext } from './model/evaluation-context.js';
import type { JsonValue } from './model/json.js';

/** Flags without waiting: evaluated from the snapshot, at once, and never throwing. The type of the value asked for is never coerced. */
export interface SyncFlags {
  boolean(key: FlagKey<boolean>, defaultValue: boolean, context?: EvaluationContext): boolean;
  string<T extends string = string>(key: FlagKey<string>, defaultValue: T, context?: EvaluationContext): T;
  number<T extends number = number>(key: FlagKey<number>, defaultValue: T, context?: EvaluationContext): T;
  /** The value of a `json` flag: an object or a list. It is shared by all callers, and frozen. */
  object<T extends JsonValue = JsonValue>(key: FlagKey<object>, defaultValue: T, context?: EvaluationContext): T;
  /** The value and how it came about; the type asked for is that of the default. */
  details<T extends JsonValue>(key: FlagKey, defaultValue: T, context?: EvaluationContext): FlagDetails<T>;
  /** The value of whatever type, `null` where a default would be given, and how it came about. */
  evaluate(key: FlagKey, context?: EvaluationContext): FlagDetails;
  /** @throws {FlagNotFoundError} */
  get(key: string): FlagView;
  list(filter?: FlagFilter): readonly FlagView[];
}

/** The engine's parts that the view reads. */
export interface SyncSources {
  readonly routes: Routes;
  readonly maintenance: Maintenance;
  readonly rateLimits: RateLimits;
  readonly flags: Flags;
  readonly segments: Segments;
  readonly evaluator: FlagEvaluator;
}

/** What can be read without waiting: everything here comes from the snapshot. For handlers that do not await. */
export class SyncView {
  readonly routes: {
    /** @throws {RouteNotFoundError | AmbiguousRouteError} */
    get(key: string): RouteView;
    list(filter?: { readonly service?: string | null }): readonly RouteView[];
  };
  readonly maintenance: {
    get(): MaintenanceView;
    forService(service: string): MaintenanceView;
    /** Every switch that is on or scheduled: the global one first, then services by name. */
    list(): readonly MaintenanceView[];
  };

  readonly rateLimits: {
    /** @returns `null` = the route is not known */
    find(key: string): RateLimitView | null;
    list(filter?: { readonly service?: string | null }): readonly RateLimitView[];
  };
  readonly flags: SyncFlags;
  readonly segments: {
    /** @throws {SegmentNotFoundError} */
    get(key: string): SegmentView;
    list(): readonly SegmentView[];
  };

  constructor({ routes, maintenance, rateLimits, flags, segments, evaluator }: SyncSources) {
    this.routes = { get: (key) => routes.read(key), list: (filter) => routes.readAll(filter) };
    this.maintenance = {
      get: () => maintenance.read(),
      forService: (service) => maintenance.forService(service).read(),
      list: () => maintenance.list(),
    };
    this.rateLimits = { find: (key) => rateLimits.find(key), list: (filter) => rateLimits.readAll(filter) };
    this.flags = {
      boolean: (key, fallback, context) => evaluator.boolean(key, fallback, context),
      string: (key, fallback, context) => evaluator.string(key, fallback, context),
      number: (key, fallback, context) => evaluator.number(key, fallback, context),
      object: (key, fallback, context) => evaluator.object(key, fallback, context),
      details: (key, fallback, context) => evaluator.details(key, fallback, context),
      evaluate: (key, context) => evaluator.evaluate(key, context),
      get: (key) => flags.read(key),
      list: (filter) => flags.readAll(filter),
    };
    this.segments = { get: (key) => segments.read(key), list: () => segments.readAll() };
  }
}
