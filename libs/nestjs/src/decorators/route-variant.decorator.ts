import type { FlagKey } from '@waygate/core';
/** What `@RouteVariant` says about a handler. */
export interface VariantDeclaration {
  readonly flag: string;
  /** Name of the variation that is served by the handler. */
  readonly variation: string;
  /** The handler itself: Nest hands a copy of all metadata to the web framework, which knows a handler by nothing else. */
  readonly handler: object;
}

/** Registered, so that a package that brings a copy of its own still reads the same decorators. */
const VARIANT = Symbol.for('waygate:route-variant');
/** As `@ApiExcludeEndpoint()` of `@nestjs/swagger` writes it, which need not be there. */
const SWAGGER_EXCLUDE = 'swagger/apiExcludeEndpoint';

/**
 * Serves a route with this handler to callers for whom a flag evaluates to a variation. All other callers get the controller's other
 * handler of the same method and path. Both are one route: state, limits, and documentation are those of the other handler.
 *
 * The choice is made after all guards of the other handler, because flags may target users. A caller of the variant then passes the
 * variant's guards as well, including global ones. The variant has its own pipes, interceptors, filters, parameters, and status.
 *
 * Boot fails with `ConfigurationError` when the controller has no other handler for the path.
 *
 * @param flag key of the flag
 * @param variation name of the variation that this handler serves
 *
 * @example
 * ```ts
 * @Controller('checkout')
 * class CheckoutController {
 *   @Post()
 *   checkout() {}
 *
 *   @Post()
 *   @RouteVariant('new-checkout', 'on')
 *   newCheckout() {}
 * }
 * ```
 */
export function RouteVariant(flag: FlagKey, variation: string): MethodDecorator {
  return (_target: object, _key: string | symbol, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const declaration: VariantDeclaration = { flag, variation, handler };
    Reflect.defineMetadata(VARIANT, declaration, handler);
    Reflect.defineMetadata(SWAGGER_EXCLUDE, { disable: true }, handler);
  };
}

/** What is said on a handler, or on what Nest made of it. */
export function variantDeclaration(handler: object): VariantDeclaration | undefined {
  return Reflect.getMetadata(VARIANT, handler) as VariantDeclaration | undefined;
}
