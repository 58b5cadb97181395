import type { FlagKey, FlagValue } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';

/** Options of {@link RequireFlag}. */
export interface RequireFlagOptions {
  /** The value that lets callers in. Default: `true`. A flag that does not exist or has no value lets nobody in. */
  readonly value?: FlagValue;
  /** What other callers get. Default: 404, exactly what an unknown path gets. */
  readonly otherwise?: 404 | BlockResponder;
}

/** What a decorator asks for. */
export interface FlagRequirement {
  readonly key: string;
  readonly value: FlagValue;
  /** `undefined` = what an unknown path gets. */
  readonly responder: BlockResponder | undefined;
}

/** Registered, so that a package that brings a copy of its own still reads the same decorators. */
const REQUIRED = Symbol.for('waygate:required-flags');

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
    const holder = (descriptor?.value as object | undefined) ?? target;
    // Decorators are applied from the last to the first.
    Reflect.defineMetadata(REQUIRED, [requirement, ...own(holder)], holder);
  };
}

/** What a handler requires: what its class and those it extends say, then what is said on itself. */
export function requiredFlags(controller: object, handler: object): readonly FlagRequirement[] {
  const layers = [own(handler)];
  for (let type: object | null = controller; typeof type === 'function'; type = Object.getPrototypeOf(type) as object | null)
    layers.unshift(own(type));
  return layers.flat();
}

function own(target: object): readonly FlagRequirement[] {
  return (Reflect.getOwnMetadata(REQUIRED, target) as readonly FlagRequirement[] | undefined) ?? [];
}
