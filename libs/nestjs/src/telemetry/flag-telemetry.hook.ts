import { trace, type Attributes } from '@opentelemetry/api';
import type { JsonValue, OpenFeatureDetails, OpenFeatureHook, OpenFeatureHookContext } from '@waygate/core';

export interface FlagTelemetryOptions {
  /** Tells the value that was given, too, beside the name of the variation. Default `false`. */
  readonly includeValue?: boolean;
  /** Tells the targeting key as `feature_flag.context.id`. It may identify a person. Default `false`. */
  readonly includeTargetingKey?: boolean;
}

/** The name of the event. */
const EVENT = 'feature_flag.evaluation';

/**
 * Adds an event for every evaluation to the span that is active, with the attributes of OpenTelemetry's semantic conventions for feature
 * flags (OpenFeature specification, appendix D). For {@link FlagClient} and clients of the official SDK alike; without a span, and
 * without an OpenTelemetry SDK, it does nothing.
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

/** An evaluation as attributes. */
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
