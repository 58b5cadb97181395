import type { BlockResponder } from '../responses/custom-response.js';
import { declares } from './declaration.metadata.js';

/** Options of {@link Disabled}. */
export interface DisabledDecoratorOptions {
  /** Shown to callers and operators. Default: empty. */
  readonly reason?: string;
  /** What callers get instead of the built-in 503. Default: the module's `responses.disabled`, then the built-in JSON. */
  readonly response?: BlockResponder;
}

/**
 * Disables a route, or every route of a controller: it answers 503 with `ROUTE_DISABLED` and is hidden from the Swagger document. An
 * operator can enable it at runtime.
 *
 * Boot fails with `ConfigurationError` when the same target also has `@Maintenance()` or `@ForceActive()`.
 *
 * @example
 * ```ts
 * @Controller('orders')
 * class OrdersController {
 *   @Get()
 *   @Disabled({ reason: 'Use /v2/orders' })
 *   list() {}
 * }
 * ```
 */
export function Disabled({ response, ...disabled }: DisabledDecoratorOptions = {}): ClassDecorator & MethodDecorator {
  return declares({ disabled, ...(response === undefined ? {} : { responders: { disabled: response } }) });
}
