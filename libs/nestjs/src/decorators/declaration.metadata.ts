import type { RateLimitDeclaration, RouteDeclaration } from '@waygate/core';
import type { BlockResponder } from '../responses/custom-response.js';

/** All that decorators say about one class or handler. */
export interface WaygateDeclaration extends RouteDeclaration {
  /** What blocked callers get instead of the built-in answer. */
  readonly responders?: Responders;
  readonly rateLimits?: readonly RateLimitDeclaration[];
}

/** Answers of one route, by kind of block. */
interface Responders {
  readonly maintenance?: BlockResponder;
  readonly disabled?: BlockResponder;
  readonly rateLimited?: BlockResponder;
}

/** Registered, so that a package that brings a copy of its own still reads the same decorators. */
const DECLARATION = Symbol.for('waygate:declaration');

/** A decorator for classes and methods that adds to what the others on the same target say. */
export function declares(part: WaygateDeclaration): ClassDecorator & MethodDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const holder = (descriptor?.value as object | undefined) ?? target;
    const said = ownDeclaration(holder);
    const responders = { ...said?.responders, ...part.responders };
    // Decorators are applied from the last to the first; limits are listed as they are written.
    const rateLimits = [...(part.rateLimits ?? []), ...(said?.rateLimits ?? [])];
    const declaration: WaygateDeclaration = { ...said, ...part, responders, ...(rateLimits.length === 0 ? {} : { rateLimits }) };
    Reflect.defineMetadata(DECLARATION, declaration, holder);
  };
}

/** What holds for a handler: what its class (and the classes it extends) say, overruled by what is said on the handler itself. */
export function declarationOf(controller: object, handler: object): WaygateDeclaration {
  const layers: (WaygateDeclaration | undefined)[] = [ownDeclaration(handler)];
  for (
    let type: object | null = controller;
    type !== null && type !== Function.prototype;
    type = Object.getPrototypeOf(type) as object | null
  ) {
    layers.push(ownDeclaration(type));
  }
  return layers.reduceRight<WaygateDeclaration>((outer, inner) => (inner === undefined ? outer : overrule(outer, inner)), {});
}

/** The inner one wins where the two contradict each other; what does not contradict composes. */
function overrule(outer: WaygateDeclaration, inner: WaygateDeclaration): WaygateDeclaration {
  const { maintenance, disabled, environments, forceActive, ...rest } = outer;
  const responders = { ...outer.responders, ...inner.responders };
  const innerBlocks = inner.maintenance !== undefined || inner.disabled !== undefined;
  if (inner.forceActive === true) {
    const { rateLimits: _limits, ...unlimited } = rest;
    return { ...unlimited, ...inner, responders };
  }
  return {
    ...rest,
    ...(innerBlocks || maintenance === undefined ? {} : { maintenance }),
    ...(innerBlocks || disabled === undefined ? {} : { disabled }),
    ...(environments === undefined ? {} : { environments }),
    ...(innerBlocks || inner.environments !== undefined || forceActive === undefined ? {} : { forceActive }),
    ...inner,
    responders,
  };
}

function ownDeclaration(target: object): WaygateDeclaration | undefined {
  return Reflect.getOwnMetadata(DECLARATION, target) as WaygateDeclaration | undefined;
}
