import type { DeprecationInput } from '@waygate/core';
import { declares } from './declaration.metadata.js';

/**
 * The route works, and says that it should no longer be used: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and
 * `Link: <…>; rel="successor-version"` headers, and a mark in the Swagger document.
 *
 * Fails at boot when a date cannot be read or the sunset lies before the deprecation.
 *
 * @example
 * ```ts
 * @Deprecated({ since: '2026-06-01', sunset: '2027-06-01', successor: '/v2/users' })
 * @Get('users')
 * ```
 */
export function Deprecated(options: DeprecationInput = {}): ClassDecorator & MethodDecorator {
  return declares({ deprecated: options });
}
