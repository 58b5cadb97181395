import { Inject } from '@nestjs/common';

/** Injection token of the client that evaluates flags, for `inject` of a factory provider. In a class use {@link InjectFlags}. */
export const WAYGATE_FLAGS = Symbol('WAYGATE_FLAGS');

/**
 * Injects the client that evaluates flags: {@link FlagClient}, which has the interface of OpenFeature's client. Within a request it uses
 * the context that `WaygateModule.forRoot({ context })` returns.
 *
 * @example
 * ```ts
 * @Injectable()
 * class PricingService {
 *   constructor(@InjectFlags() private readonly flags: FlagClient) {}
 *
 *   async total(net: number): Promise<number> {
 *     return (await this.flags.getBooleanValue('new-pricing', false)) ? net * 0.9 : net;
 *   }
 * }
 * ```
 */
export function InjectFlags(): ParameterDecorator & PropertyDecorator {
  return Inject(WAYGATE_FLAGS);
}
