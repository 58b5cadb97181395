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
} as const;
