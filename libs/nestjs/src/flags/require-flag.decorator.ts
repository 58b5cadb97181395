import type { FlagKey, FlagValue } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';

export interface RequireFlagOptions {
  /** What the flag must give. Default `true`. A flag that is not there, or gives no value, never does. */
  readonly value?: FlagValue;
  /** What others get. Default 404: exactly what an unknown path gets. */
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
 * Lets only those callers through whose flag has a value; on a class, for each of its handlers. Checked after all of the app's guards, as
 * flags may target users, and before the limits by user. Several all must hold.
 *
 * @example
 * ```ts
 * @RequireFlag('beta')
 * @Get('beta/report')
 * ```
 * @example
 * ```ts
 * @RequireFlag('plan', { value: 'pro', otherwise: WaygateResponse.json({ error: 'upgrade' }, { status: 402 }) })
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
