/**
 * Everything Waygate knows about Nest that Nest does not promise: metadata keys and one internal class. The values are the same in
 * Nest 11 and 12; `test/packages` runs both.
 */
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

export { RoutePathFactory };

export const NEST_METADATA = {
  path: 'path',
  method: 'method',
  version: '__version__',
  modulePath: '__module_path__',
  guards: '__guards__',
  exceptionFilters: '__exceptionFilters__',
  routeArguments: '__routeArguments__',
} as const;

/** Puts a guard or filter behind a handler's own ones, once. */
export function appendEnhancer(
  key: typeof NEST_METADATA.guards | typeof NEST_METADATA.exceptionFilters,
  enhancer: object,
  handler: object,
): void {
  const enhancers = (Reflect.getMetadata(key, handler) ?? []) as readonly unknown[];
  if (!enhancers.includes(enhancer)) Reflect.defineMetadata(key, [...enhancers, enhancer], handler);
}
