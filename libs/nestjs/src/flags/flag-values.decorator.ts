import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FlagClient, FlagKey, JsonValue } from '@waygate/core';
import { flagScopeOf } from './flag-scope.js';

interface Asked<T> {
  readonly key: string;
  readonly defaultValue: T;
}

/**
 * Injects the value of a boolean flag for the caller into a handler's parameter.
 *
 * @param key key of the flag
 * @param defaultValue the value when the flag does not exist, has another type, or fails to evaluate
 *
 * @example
 * ```ts
 * @Controller('search')
 * class SearchController {
 *   @Get()
 *   search(@BooleanFlag('new-search', false) newSearch: boolean) {
 *     return newSearch ? 'new' : 'old';
 *   }
 * }
 * ```
 */
export function BooleanFlag(key: FlagKey<boolean>, defaultValue: boolean): ParameterDecorator {
  return booleanFlag({ key, defaultValue });
}

/**
 * Injects the value of a string flag for the caller into a handler's parameter.
 *
 * @param key key of the flag
 * @param defaultValue the value when the flag does not exist, has another type, or fails to evaluate
 *
 * @example
 * ```ts
 * @Controller('home')
 * class HomeController {
 *   @Get()
 *   show(@StringFlag('theme', 'light') theme: string) {
 *     return { theme };
 *   }
 * }
 * ```
 */
export function StringFlag(key: FlagKey<string>, defaultValue: string): ParameterDecorator {
  return stringFlag({ key, defaultValue });
}

/**
 * Injects the value of an integer or float flag for the caller into a handler's parameter.
 *
 * @param key key of the flag
 * @param defaultValue the value when the flag does not exist, has another type, or fails to evaluate
 *
 * @example
 * ```ts
 * @Controller('articles')
 * class ArticlesController {
 *   @Get()
 *   list(@NumberFlag('page-size', 20) pageSize: number) {
 *     return { pageSize };
 *   }
 * }
 * ```
 */
export function NumberFlag(key: FlagKey<number>, defaultValue: number): ParameterDecorator {
  return numberFlag({ key, defaultValue });
}

/**
 * Injects the value of a JSON flag, an object or a list, for the caller into a handler's parameter. All callers share the value, and it
 * is frozen.
 *
 * @param key key of the flag
 * @param defaultValue the value when the flag does not exist, has another type, or fails to evaluate
 *
 * @example
 * ```ts
 * @Controller('checkout')
 * class CheckoutController {
 *   @Get('options')
 *   options(@ObjectFlag('payment-methods', ['card']) methods: readonly string[]) {
 *     return methods;
 *   }
 * }
 * ```
 */
export function ObjectFlag(
  key: FlagKey<object>,
  defaultValue: Readonly<Record<string, JsonValue>> | readonly JsonValue[],
): ParameterDecorator {
  return objectFlag({ key, defaultValue });
}

/**
 * Injects the value of a flag for the caller, with its variation and the reason, into a handler's parameter of type
 * `OpenFeatureDetails`.
 *
 * @param key key of the flag
 * @param defaultValue the value when the flag does not exist, has another type than this value, or fails to evaluate
 *
 * @example
 * ```ts
 * @Controller('home')
 * class HomeController {
 *   @Get()
 *   show(@FlagDetails('theme', 'light') theme: OpenFeatureDetails<string>) {
 *     return `${theme.value} because of ${theme.reason}`;
 *   }
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
