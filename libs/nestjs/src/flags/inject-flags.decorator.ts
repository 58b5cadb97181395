import { Inject } from '@nestjs/common';

/** Injection token of the client that evaluates flags. */
export const WAYGATE_FLAGS = Symbol('WAYGATE_FLAGS');

/**
 * Injects the client that evaluates flags: {@link FlagClient}, which has the interface of OpenFeature's. Within a request it knows the
 * context that `WaygateModule.forRoot({ context })` gives.
 *
 * @example
 * ```ts
 * constructor(@InjectFlags() private readonly flags: FlagClient) {}
 *
 * async total(cart: Cart): Promise<number> {
 *   return (await this.flags.getBooleanValue('new-pricing', false)) ? newTotal(cart) : total(cart);
 * }
 * ```
 */
export function InjectFlags(): ParameterDecorator & PropertyDecorator {
  return Inject(WAYGATE_FLAGS);
}
