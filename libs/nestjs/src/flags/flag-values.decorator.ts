import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FlagClient, FlagKey, JsonValue } from '@waygate/core';
import { flagScopeOf } from './flag-scope.js';

interface Asked<T> {
  readonly key: string;
  readonly defaultValue: T;
}

/**
 * Gives a parameter the value of a boolean flag for whoever makes the request; the default where there is no such flag, or one of
 * another type.
 *
 * @example
 * ```ts
 * @Get()
 * list(@BooleanFlag('new-search', false) newSearch: boolean): Item[] { … }
 * ```
 */
export function BooleanFlag(key: FlagKey<boolean>, defaultValue: boolean): ParameterDecorator {
  return booleanFlag({ key, defaultValue });
}

/** The same for a flag of type `string`. */
export function StringFlag(key: FlagKey<string>, defaultValue: string): ParameterDecorator {
  return stringFlag({ key, defaultValue });
}

/** The same for a flag of type `integer` or `float`. */
export function NumberFlag(key: FlagKey<number>, defaultValue: number): ParameterDecorator {
  return numberFlag({ key, defaultValue });
}

/** The same for a flag of type `json`: an object or a list. It is shared by all callers, and frozen. */
export function ObjectFlag(
  key: FlagKey<object>,
  defaultValue: Readonly<Record<string, JsonValue>> | readonly JsonValue[],
): ParameterDecorator {
  return objectFlag({ key, defaultValue });
}

/**
 * Gives a parameter the value of a flag and how it came about, as `OpenFeatureDetails`; the default says of which type the flag is.
 *
 * @example
 * ```ts
 * @Get()
 * show(@FlagDetails('theme', 'light') theme: OpenFeatureDetails<string>): string {
 *   return `${theme.value} because of ${theme.reason}`;
 * }
 * ```
 */
export function FlagDetails(key: FlagKey, defaultValue: JsonValue): ParameterDecorator {
  return flagDetails({ key, defaultValue });
}

/** Registered, so that a package that brings a copy of its own is recognised. */
const FLAG_PARAMETER = Symbol.for('waygate:flag-parameter');

/** Whether this is the factory of one of the decorators above, as Nest keeps it for a parameter. */
export function isFlagParameter(factory: unknown): boolean {
  return typeof factory === 'function' && FLAG_PARAMETER in factory;
}

/** Nest waits for what a decorator promises: the client is asked, and not the snapshot, so that hooks see these evaluations too. */
function decorator<T>(name: string, ask: (client: FlagClient, asked: Asked<T>) => Promise<unknown>) {
  const factory = (asked: Asked<T>, context: ExecutionContext) => {
    const scope = flagScopeOf(context);
    if (scope !== undefined) return scope.contexts.runWith(context.getArgByIndex(0), () => ask(scope.engine.flagClient, asked));
    throw new Error(`${name} works in HTTP handlers of apps that import WaygateModule. Elsewhere use @InjectFlags().`);
  };
  return createParamDecorator(Object.assign(factory, { [FLAG_PARAMETER]: true }));
}

const booleanFlag = decorator<boolean>('@BooleanFlag', (client, { key, defaultValue }) =>
  client.getBooleanValue(key, defaultValue),
);
const stringFlag = decorator<string>('@StringFlag', (client, { key, defaultValue }) => client.getStringValue(key, defaultValue));
const numberFlag = decorator<number>('@NumberFlag', (client, { key, defaultValue }) => client.getNumberValue(key, defaultValue));
const objectFlag = decorator<JsonValue>('@ObjectFlag', (client, { key, defaultValue }) =>
  client.getObjectValue(key, defaultValue),
);
const flagDetails = decorator<JsonValue>('@FlagDetails', (client, { key, defaultValue }): Promise<unknown> => {
  if (typeof defaultValue === 'boolean') return client.getBooleanDetails(key, defaultValue);
  if (typeof defaultValue === 'string') return client.getStringDetails(key, defaultValue);
  return typeof defaultValue === 'number'
    ? client.getNumberDetails(key, defaultValue)
    : client.getObjectDetails(key, defaultValue);
});
