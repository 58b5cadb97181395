import type { DeprecationInput } from '@waygate/core';
import { declares } from './declaration.metadata.js';

/**
 * Marks a route, or every route of a controller, as deprecated. It keeps working and sends the headers `Deprecation` (RFC 9745), `Sunset`
 * (RFC 8594), and `Link: <…>; rel="successor-version"`. The Swagger document shows it as deprecated.
 *
 * Boot fails with `ConfigurationError` when a date is invalid or the sunset is before the deprecation.
 *
 * @param options when and in favor of what. Default: deprecated since the route was first registered, with no sunset
 *
 * @example
 * ```ts
 * @Controller('users')
 * class UsersController {
 *   @Get()
 *   @Deprecated({ since: '2026-06-01', sunset: '2027-06-01', successor: '/v2/users' })
 *   list() {}
 * }
 * ```
 */
export function Deprecated(options: DeprecationInput = {}): ClassDecorator & MethodDecorator {
  return declares({ deprecated: options });
}
