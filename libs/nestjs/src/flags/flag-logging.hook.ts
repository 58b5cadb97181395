import { Logger } from '@nestjs/common';
import type { JsonValue, OpenFeatureDetails, OpenFeatureHook, OpenFeatureHookContext } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';

export interface FlagLoggingOptions {
  /** Tells the evaluation context too. It may hold what must not stand in logs. Default `false`. */
  readonly includeContext?: boolean;
}

/**
 * Writes every evaluation to Nest's log: at `debug` what was given and why, at `error` what failed. For {@link FlagClient} and clients of
 * the official SDK alike.
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
