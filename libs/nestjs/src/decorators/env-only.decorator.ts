import { declares } from './declaration.metadata.js';

/**
 * The route exists in these environments only; elsewhere callers get what they get for an unknown path (404).
 * The environment is `WaygateModule.forRoot({ environment })`, else `WAYGATE_ENV`, else `dev`.
 *
 * @example
 * ```ts
 * @EnvOnly('dev', 'staging')
 * @Get('debug')
 * ```
 */
export function EnvOnly(...environments: [string, ...string[]]): ClassDecorator & MethodDecorator {
  return declares({ environments });
}
