import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { errorCode, errorMessage, errorTrace, isError, partialErrors, toError } from './native-error.js';

/** What Node's own errors are to code that runs inside Jest. */
const foreign: unknown = runInNewContext(`Object.assign(new TypeError('from elsewhere'), { code: 'ENOENT' })`);

describe('an error of another realm', () => {
  it("is not an instance of this realm's Error, which is why these functions exist", () => {
    expect(foreign instanceof Error).toBe(false);
  });

  it('is recognized as an error', () => {
    expect(isError(foreign)).toBe(true);
  });

  it('keeps its message, code, and stack', () => {
    expect(errorMessage(foreign)).toBe('from elsewhere');
    expect(errorCode(foreign)).toBe('ENOENT');
    expect(errorTrace(foreign)).toMatch(/^TypeError: from elsewhere\n {4}at /);
  });

  it('is passed on as it is where an Error is required', () => {
    expect(toError(foreign)).toBe(foreign);
  });
});

it.each([
  ['an Error', new Error('x')],
  ['an error of a subclass', new RangeError('x')],
  ['an object made from the prototype of Error', Object.assign(Object.create(Error.prototype) as Error, { message: 'x' })],
  ['the reason of an aborted signal', AbortSignal.abort().reason as unknown],
])('recognizes %s', (_, value) => {
  expect(isError(value)).toBe(true);
});

it.each([
  ['a string', 'x', 'x'],
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['an object with a message', { message: 'x' }, '[object Object]'],
])('gives %s as text, since it is not an error', (_, value, text) => {
  expect(isError(value)).toBe(false);
  expect(errorMessage(value)).toBe(text);
  expect(errorTrace(value)).toBe(text);
  expect(errorCode(value)).toBeUndefined();
  expect(toError(value)).toEqual(new Error(text));
});

it('reads the code of an error of the file system', async () => {
  const error: unknown = await readFile('no such file').catch((caught: unknown) => caught);
  expect(errorCode(error)).toBe('ENOENT');
});

it('gives no code where it is not a string', () => {
  expect(errorCode(Object.assign(new Error('x'), { code: 7 }))).toBeUndefined();
});

it('falls back to the message where an error has no stack', () => {
  expect(errorTrace(Object.assign(new Error('x'), { stack: undefined }))).toBe('x');
});

it('gives the errors inside an aggregate of another realm', () => {
  const aggregate: unknown = runInNewContext(`new AggregateError(['first', 'second'])`);
  expect(partialErrors(aggregate)).toEqual(['first', 'second']);
  expect(partialErrors(new Error('x'))).toEqual([]);
});
