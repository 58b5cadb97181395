import type { FlagValue } from '../schema/flag.js';
import type { ErrorCode, FlagDetails, FlagMetadata, FlagReason, OpenFeatureReason } from './flag-details.js';
import type { Tally } from './tally.js';

/** Everything an outcome is made from; what is left out is `null` or absent. */
export interface OutcomeDraft {
  readonly flagKey: string;
  readonly revision: number;
  readonly tally: Tally;
  /** `undefined` = the caller's default. */
  readonly value: FlagValue | undefined;
  readonly variation: string | null;
  readonly reason: FlagReason;
  readonly openFeatureReason: OpenFeatureReason;
  readonly ruleId?: string;
  readonly prerequisiteKey?: string;
  readonly trackEvents?: boolean;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
}

/** One way an evaluation can end. Made when a flag is compiled and given out as often as it happens, so that evaluating allocates nothing. */
export class Outcome {
  readonly flagKey: string;
  readonly tally: Tally;
  readonly value: FlagValue | undefined;
  readonly variation: string | null;
  readonly reason: FlagReason;
  readonly openFeatureReason: OpenFeatureReason;
  readonly ruleId: string | null;
  readonly prerequisiteKey: string | null;
  readonly errorCode: ErrorCode | undefined;
  readonly errorMessage: string | undefined;
  readonly revision: number;
  readonly trackEvents: boolean;
  #details: FlagDetails<FlagValue> | null = null;

  constructor(draft: OutcomeDraft) {
    const { ruleId, prerequisiteKey, trackEvents } = draft;
    this.flagKey = draft.flagKey;
    this.tally = draft.tally;
    this.value = draft.value;
    this.variation = draft.variation;
    this.reason = draft.reason;
    this.openFeatureReason = draft.openFeatureReason;
    this.ruleId = ruleId ?? null;
    this.prerequisiteKey = prerequisiteKey ?? null;
    this.errorCode = draft.errorCode;
    this.errorMessage = draft.errorMessage;
    this.revision = draft.revision;
    this.trackEvents = trackEvents === true;
  }

  /** A path that always ends the same way serves its one outcome. */
  serve(): Outcome {
    return this;
  }

  /** The outcome as callers see it, with `fallback` where it has no value of its own. */
  details<T>(fallback: T): FlagDetails<FlagValue | T> {
    if (this.value === undefined) return this.#build(fallback);
    return (this.#details ??= this.#build(this.value));
  }

  #build<T>(value: T): FlagDetails<T> {
    const { flagKey, variation, reason, openFeatureReason, ruleId, prerequisiteKey, errorCode, errorMessage } = this;
    return Object.freeze({
      flagKey,
      value,
      variation,
      reason,
      openFeatureReason,
      ruleId,
      prerequisiteKey,
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(errorMessage === undefined ? {} : { errorMessage }),
      metadata: this.#metadata(),
    });
  }

  #metadata(): FlagMetadata {
    const { revision, ruleId, prerequisiteKey, trackEvents } = this;
    return Object.freeze({
      flagRevision: revision,
      ...(ruleId === null ? {} : { ruleId }),
      ...(prerequisiteKey === null ? {} : { prerequisiteKey }),
      ...(trackEvents ? { trackEvents } : {}),
    });
  }
}
