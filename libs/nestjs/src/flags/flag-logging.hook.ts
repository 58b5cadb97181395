import { Logger } from '@nestjs/common';
import type { JsonValue, OpenFeatureDetails, OpenFeatureHook, OpenFeatureHookContext } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';

/** Options of {@link FlagLoggingHook}. */
export interface FlagLoggingOptions {
  /** Logs the evaluation context too. It may contain personal data. Default: `false`. */
  readonly includeContext?: boolean;
}

/**
 * Writes every flag evaluation to Nest's log: the value and the reason at `debug`, failures at `error`. Works with {@link FlagClient} and
 * with clients of the official SDK.
 *
 * @example
 * ```ts
 * engine.flagClient.addHooks(new FlagLoggingHook());
 * ```
 */
export class FlagLoggingHook implements OpenFeatureHook {
  readonly #logger = new Logger('WaygateFlags');
  readonly #includeContext: boolean;

  constructor({ includeContext = false }: FlagLoggingOptions = {}) {
    this.#includeContext = includeContext;
  }

  after(context: OpenFeatureHookContext, { value, variant, reason }: OpenFeatureDetails<JsonValue>): void {
    const given = variant === undefined ? '' : ` (${variant})`;
    this.#logger.debug(`${context.flagKey} = ${JSON.stringify(value)}${given}: ${reason ?? 'UNKNOWN'}${this.#about(context)}`);
  }

  error(context: OpenFeatureHookContext, error: unknown): void {
    const problem = errorMessage(error);
    const given = JSON.stringify(context.defaultValue);
    this.#logger.error(`${context.flagKey} = ${given} (default): ${problem}${this.#about(context)}`);
  }

  #about({ context }: OpenFeatureHookContext): string {
    return this.#includeContext ? ` for ${JSON.stringify(context)}` : '';
  }
}
