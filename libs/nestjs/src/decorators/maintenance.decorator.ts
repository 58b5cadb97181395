import type { TimeWindowInput } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';
import { declares } from './declaration.metadata.js';

/** Options of {@link Maintenance}. */
export interface MaintenanceDecoratorOptions extends TimeWindowInput {
  /** Shown to callers and operators. Default: empty. */
  readonly reason?: string;
  /** What callers get instead of the built-in 503. Default: the module's `responses.maintenance`, then the built-in JSON. */
  readonly response?: BlockResponder;
}

/**
 * Puts a route, or every route of a controller, in maintenance: it answers 503 with `MAINTENANCE_MODE`, always or between `start` and
 * `end`. An operator can end it at runtime. Remove the decorator to end it permanently.
 *
 * Boot fails with `ConfigurationError` when a date is invalid, the end is not after the start, or the same target also has
 * `@Disabled()` or `@ForceActive()`.
 *
 * @example
 * ```ts
 * @Controller('payments')
 * class PaymentsController {
 *   @Get()
 *   @Maintenance({ reason: 'Ledger migration', end: '2027-01-01T04:00:00Z' })
 *   list() {}
 * }
 * ```
 */
export function Maintenance({ response, ...maintenance }: MaintenanceDecoratorOptions = {}): ClassDecorator & MethodDecorator {
  return declares({ maintenance, ...(response === undefined ? {} : { responders: { maintenance: response } }) });
}
