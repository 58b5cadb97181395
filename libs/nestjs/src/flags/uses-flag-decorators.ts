import type { Type } from '@nestjs/common';
import { NEST_METADATA } from '../platform/nest-internals.js';
import { isFlagParameter } from './flag-values.decorator.js';
import { requiredFlags } from '../decorators/flag-requirements.js';
import { variantDeclaration } from '../decorators/route-variant.decorator.js';

/** Whether any decorator for flags stands on a handler, its class, or its parameters. */
export function usesFlagDecorators({
  controller,
  methodName,
  handler,
}: {
  readonly controller: Type;
  readonly methodName: string;
  readonly handler: object;
}): boolean {
  if (variantDeclaration(handler) !== undefined || requiredFlags(controller, handler).length > 0) return true;
  const parameters = Reflect.getMetadata(NEST_METADATA.routeArguments, controller, methodName) as
    Readonly<Record<string, { readonly factory?: unknown }>> | undefined;
  return Object.values(parameters ?? {}).some(({ factory }) => isFlagParameter(factory));
}
