import { declares } from './declaration.metadata.js';

/**
 * The route is never blocked or limited, and nobody can change that at runtime, e.g. a health check. Only a maintenance switched on
 * with `includeForceActive` stops it.
 *
 * Fails at boot together with `@Maintenance()`, `@Disabled()` or `@EnvOnly()` on the same target.
 *
 * @example
 * ```ts
 * @ForceActive()
 * @Get('health')
 * ```
 */
export function ForceActive(): ClassDecorator & MethodDecorator {
  return declares({ forceActive: true });
}
