import type { FlagKey, FlagValue } from '@waygate/core';
import { requireFlag, type FlagRequirement } from '../decorators/flag-requirements.js';
import type { BlockResponder } from '../responses/custom-response.js';

/** Options of {@link RequireFlag}. */
export interface RequireFlagOptions {
  /** The value that lets callers in. Default: `true`. A flag that does not exist or has no value lets nobody in. */
  readonly value?: FlagValue;
  /** What other callers get. Default: 404, exactly what an unknown path gets. */
  readonly otherwise?: 404 | BlockResponder;
}

/**
 * Lets only those callers into a handler, or into every handler of a controller, for whom a flag has a certain value. Checked after all of
 * the app's guards, because flags may target users, and before limits by user. All requirements of a handler and its controller must be
 * met.
 *
 * @param key key of the flag
 *
 * @example
 * ```ts
 * @Controller('reports')
 * class ReportsController {
 *   @Get('beta')
 *   @RequireFlag('beta')
 *   beta() {}
 *
 *   @Get('export')
 *   @RequireFlag('plan', { value: 'pro', otherwise: WaygateResponse.json({ error: 'upgrade' }, { status: 402 }) })
 *   export() {}
 * }
 * ```
 */
export function RequireFlag(
  key: FlagKey,
  { value = true, otherwise = 404 }: RequireFlagOptions = {},
): ClassDecorator & MethodDecorator {
  const requirement: FlagRequirement = { key, value, responder: otherwise === 404 ? undefined : otherwise };
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    requireFlag((descriptor?.value as object | undefined) ?? target, requirement);
  };
}
