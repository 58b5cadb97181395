import type { FlagValue } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';

/** What a decorator asks for. */
export interface FlagRequirement {
  readonly key: string;
  readonly value: FlagValue;
  /** `undefined` = what an unknown path gets. */
  readonly responder: BlockResponder | undefined;
}

/** Registered, so that a package that brings a copy of its own still reads the same decorators. */
const REQUIRED = Symbol.for('waygate:required-flags');

/** Adds to what a handler, or every handler of a class, requires. */
export function requireFlag(holder: object, requirement: FlagRequirement): void {
  // Decorators are applied from the last to the first.
  Reflect.defineMetadata(REQUIRED, [requirement, ...own(holder)], holder);
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
