import type { TimeWindowInput } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';
import { declares } from './declaration.metadata.js';

export interface MaintenanceDecoratorOptions extends TimeWindowInput {
  /** Shown to callers and operators. */
  readonly reason?: string;
  /** What callers get instead of the built-in 503. */
  readonly response?: BlockResponder;
}

/**
 * The route, or every route of the controller, answers 503 with `MAINTENANCE_MODE`: always, or between `start` and `end`.
 * An operator can end it at runtime; removing the decorator ends it for good.
 *
 * Fails at boot when a date cannot be read, the end is not after the start, or the target is also `@Disabled()` or `@ForceActive()`.
 *
 * @example
 * ```ts
 * @Maintenance({ reason: 'Ledger migration', end: '2027-01-01T04:00:00Z' })
 * @Get('payments')
 * ```
 */
export function Maintenance({ response, ...maintenance }: MaintenanceDecoratorOptions = {}): ClassDecorator & MethodDecorator {
  return declares({ maintenance, ...(response === undefined ? {} : { responders: { maintenance: response } }) });
}
