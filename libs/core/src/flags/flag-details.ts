import type { FlagValue } from '../schema/flag.js';

/** Why a value was given, in Waygate's words. `OVERRIDE` comes from a test. */
export type FlagReason =
  'OFF' | 'FALLTHROUGH' | 'TARGET_MATCH' | 'RULE_MATCH' | 'PREREQUISITE_FAIL' | 'ERROR' | 'DEFAULT' | 'OVERRIDE';

/** Why a value was given, in the words of the OpenFeature specification (types, "resolution reason"). */
export type OpenFeatureReason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'STALE' | 'ERROR';

/** Error codes of the OpenFeature specification; an enum of the same name, so that it is assignable to the SDK's. */
export enum ErrorCode {
  PROVIDER_NOT_READY = 'PROVIDER_NOT_READY',
  PROVIDER_FATAL = 'PROVIDER_FATAL',
  FLAG_NOT_FOUND = 'FLAG_NOT_FOUND',
  PARSE_ERROR = 'PARSE_ERROR',
  TYPE_MISMATCH = 'TYPE_MISMATCH',
  TARGETING_KEY_MISSING = 'TARGETING_KEY_MISSING',
  INVALID_CONTEXT = 'INVALID_CONTEXT',
  GENERAL = 'GENERAL',
}

export type FlagMetadata = Readonly<Record<string, string | number | boolean>>;

/** A value and how it came about. */
export interface FlagDetails<T = FlagValue | null> {
  readonly flagKey: string;
  readonly value: T;
  /** `null` = the caller's default was given. */
  readonly variation: string | null;
  readonly reason: FlagReason;
  readonly openFeatureReason: OpenFeatureReason;
  /** The rule that decided. */
  readonly ruleId: string | null;
  /** The prerequisite that failed. */
  readonly prerequisiteKey: string | null;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
  /** `flagRevision`; where they apply `ruleId`, `prerequisiteKey`, `trackEvents`. */
  readonly metadata: FlagMetadata;
}
