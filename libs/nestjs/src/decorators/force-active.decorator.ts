import { declares } from './declaration.metadata.js';

/**
 * Keeps a route, or every route of a controller, from ever being blocked or limited, for example a health check. Changes to it at runtime
 * fail with `RouteProtectedError`. Only global maintenance with `includeForceActive` stops it.
 *
 * Boot fails with `ConfigurationError` when the same target also has `@Maintenance()`, `@Disabled()`, `@EnvOnly()`, or `@RateLimit()`.
 *
 * @example
 * ```ts
 * @Controller('health')
 * class HealthController {
 *   @Get()
 *   @ForceActive()
 *   check() {}
 * }
 * ```
 */
export function ForceActive(): ClassDecorator & MethodDecorator {
  return declares({ forceActive: true });
}
