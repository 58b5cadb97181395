import type { BlockResponder } from '../responses/custom-response.js';
import { declares } from './declaration.metadata.js';

export interface DisabledDecoratorOptions {
  /** Shown to callers and operators. */
  readonly reason?: string;
  /** What callers get instead of the built-in 503. */
  readonly response?: BlockResponder;
}

/**
 * The route, or every route of the controller, answers 503 with `ROUTE_DISABLED` and leaves the Swagger document.
 *
 * @example
 * ```ts
 * @Disabled({ reason: 'Use /v2/orders' })
 * @Get('orders')
 * ```
 */
export function Disabled({ response, ...disabled }: DisabledDecoratorOptions = {}): ClassDecorator & MethodDecorator {
  return declares({ disabled, ...(response === undefined ? {} : { responders: { disabled: response } }) });
}
