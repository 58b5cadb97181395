import { declares } from './declaration.metadata.js';

/**
 * Makes a route, or every route of a controller, available in these environments only. Elsewhere callers get what they get for an unknown
 * path (404), unless `envGate: 'forbidden'` makes it 403. The environment is `WaygateModule.forRoot({ environment })`, else
 * `WAYGATE_ENV`, else `dev`.
 *
 * Boot fails with `ConfigurationError` when the same target also has `@ForceActive()`.
 *
 * @example
 * ```ts
 * @Controller('debug')
 * @EnvOnly('dev', 'staging')
 * class DebugController {
 *   @Get()
 *   dump() {}
 * }
 * ```
 */
export function EnvOnly(...environments: [string, ...string[]]): ClassDecorator & MethodDecorator {
  return declares({ environments });
}
