import { types } from 'node:util';

/**
 * Whether a caught value is an error, whichever realm made it. `instanceof Error` alone is false for the errors of another realm: inside
 * Jest, where every test file has globals of its own, for all errors that Node itself makes.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { isError } from '@waygate/core/native-errors';
 *
 * const missing: unknown = await readFile('no-such-file').catch((error: unknown) => error);
 * console.log(isError(missing)); // true
 * ```
 */
export function isError(value: unknown): value is Error {
  // A DOMException, such as the reason of an aborted signal, is no native error to Node.
  return (
    value instanceof Error || types.isNativeError(value) || Object.prototype.toString.call(value) === '[object DOMException]'
  );
}

/** The message of a caught value; of anything but an error, the value as text. */
export function errorMessage(value: unknown): string {
  return isError(value) ? value.message : String(value);
}

/** The stack of a caught value, for a log; its message where there is no stack. */
export function errorTrace(value: unknown): string {
  return isError(value) ? (value.stack ?? value.message) : String(value);
}

/** The `code` that Node gives its errors, such as `ENOENT`. */
export function errorCode(value: unknown): string | undefined {
  return isError(value) && 'code' in value && typeof value.code === 'string' ? value.code : undefined;
}

/** A caught value where an `Error` is required: the value itself, or an error with the value as its message. */
export function toError(value: unknown): Error {
  return isError(value) ? value : new Error(String(value));
}

/** The errors inside an `AggregateError`, such as one per address that a connection was tried with; none for any other value. */
export function partialErrors(value: unknown): readonly unknown[] {
  return isError(value) && 'errors' in value && Array.isArray(value.errors) ? value.errors : [];
}
