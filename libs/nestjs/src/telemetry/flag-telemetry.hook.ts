import { trace, type Attributes } from '@opentelemetry/api';
import type { JsonValue, OpenFeatureDetails, OpenFeatureHook, OpenFeatureHookContext } from '@waygate/core';

/** Options of {@link FlagTelemetryHook} and {@link flagAttributes}. */
export interface FlagTelemetryOptions {
  /** Adds the value of the flag, besides the name of its variation. Default: `false`. */
  readonly includeValue?: boolean;
  /** Adds the targeting key as `feature_flag.context.id`. It may identify a person. Default: `false`. */
  readonly includeTargetingKey?: boolean;
}

/** The name of the event. */
const EVENT = 'feature_flag.evaluation';

/**
 * Adds an event to the active span for every flag evaluation, with the attributes of OpenTelemetry's semantic conventions for feature flags
 * (OpenFeature specification, appendix D). Works with `FlagClient` and with clients of the official SDK. Without an active span or an
 * OpenTelemetry SDK it does nothing.
 *
 * @example
 * ```ts
 * engine.flagClient.addHooks(new FlagTelemetryHook());
 * ```
 */
export class FlagTelemetryHook implements OpenFeatureHook {
  constructor(private readonly options: FlagTelemetryOptions = {}) {}

  finally(context: OpenFeatureHookContext, details: OpenFeatureDetails<JsonValue>): void {
    const span = trace.getActiveSpan();
    if (span?.isRecording() === true) span.addEvent(EVENT, flagAttributes(context, details, this.options));
  }
}

/**
 * Returns the attributes of an evaluation, for a hook of your own.
 *
 * @example
 * ```ts
 * engine.flagClient.addHooks({
 *   finally(context, details) {
 *     console.debug('flag evaluated', flagAttributes(context, details, { includeValue: true }));
 *   },
 * });
 * ```
 */
export function flagAttributes(
  { flagKey, providerMetadata, context }: OpenFeatureHookContext,
  { value, variant, reason, errorCode, errorMessage, flagMetadata }: OpenFeatureDetails<JsonValue>,
  { includeValue = false, includeTargetingKey = false }: FlagTelemetryOptions = {},
): Attributes {
  const attributes: Attributes = {
    'feature_flag.key': flagKey,
    'feature_flag.provider.name': providerMetadata.name,
    'feature_flag.result.reason': (reason ?? 'UNKNOWN').toLowerCase(),
  };
  if (variant !== undefined) attributes['feature_flag.result.variant'] = variant;
  if (includeValue && value !== null) {
    attributes['feature_flag.result.value'] = typeof value === 'object' ? JSON.stringify(value) : value;
  }
  const { contextId, flagSetId, version = flagMetadata['flagRevision'] } = flagMetadata;
  const id = contextId ?? (includeTargetingKey ? context.targetingKey : undefined);
  if (id !== undefined) attributes['feature_flag.context.id'] = id;
  if (flagSetId !== undefined) attributes['feature_flag.set.id'] = flagSetId;
  if (version !== undefined) attributes['feature_flag.version'] = String(version);
  if (reason === 'ERROR') {
    attributes['error.type'] = (errorCode ?? 'GENERAL').toLowerCase();
    if (errorMessage !== undefined) attributes['error.message'] = errorMessage;
  }
  return attributes;
}
