import type { Caller } from '../model/caller.js';

/** Asked for every request; `context` is what the framework knows beside it. */
export type AppFunction<T> = (request: unknown, context: unknown) => T | Promise<T>;

/** How long an answer is waited for, in ms: a request must not hang because a limit cannot be told. */
const PATIENCE_MS = 1_000;

/**
 * What a function of the app says; `undefined` when it fails: a broken function must not take the route down.
 * @returns a promise only where the function gives one, of whatever make
 */
export function askApp<T>(ask: AppFunction<T>, { request, context }: Caller, onFailure: (error: unknown) => void): unknown {
  try {
    const answer: unknown = ask(request, context);
    return isThenable(answer) ? inTime(answer, onFailure) : answer;
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

async function inTime(answer: PromiseLike<unknown>, onFailure: (error: unknown) => void): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } catch (error) {
    onFailure(error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
