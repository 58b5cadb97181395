import { describe, expect, it } from 'vitest';
import {
  ConflictError,
  NotJsonError,
  RateLimitedError,
  ServerError,
  TimeoutError,
  TlsError,
  UnauthorizedError,
  UnreachableError,
} from './errors.js';
import { DEFAULT_RETRY, retryDelay } from './retry.js';

const refused = new UnreachableError('http://x', 'refused', true);
const cut = new UnreachableError('http://x', 'cut', false);
const always = () => 1;

describe('retryDelay', () => {
  it.each([
    ['POST that never left', refused, 'POST', 100],
    ['GET that was cut', cut, 'GET', 100],
    ['PUT that was cut', cut, 'PUT', 100],
    ['POST that was cut', cut, 'POST', null],
    ['DELETE that was cut', cut, 'DELETE', null],
    ['GET that took too long', new TimeoutError('http://x', 'slow', false), 'GET', null],
    ['GET without trust', new TlsError('http://x', 'tls', true), 'GET', null],
    ['GET of a server that restarts', new ServerError(503, 'down'), 'GET', 100],
    ['POST to a server that restarts', new ServerError(503, 'down'), 'POST', null],
    ['GET of a server that crashed', new ServerError(500, 'bug'), 'GET', null],
    ['POST refused for now', new RateLimitedError('slow down', 2), 'POST', 2000],
    ['POST refused for long', new RateLimitedError('slow down', 60), 'POST', null],
    ['POST refused for an unknown time', new RateLimitedError('slow down', null), 'POST', 100],
    ['GET that is not allowed', new UnauthorizedError(401, 'no'), 'GET', null],
    ['POST that conflicts', new ConflictError(409, 'no'), 'POST', null],
    ['GET of a page', new NotJsonError('http://x', 200, 'text/html'), 'GET', null],
  ])('%s', (_case, error, method, wait) => {
    expect(retryDelay(error, method, 0, DEFAULT_RETRY, always)).toBe(wait);
  });

  it('waits twice as long each time, at random below that, and gives up', () => {
    expect([0, 1, 2].map((attempt) => retryDelay(refused, 'GET', attempt, DEFAULT_RETRY, always))).toEqual([100, 200, null]);
    expect(retryDelay(refused, 'GET', 1, DEFAULT_RETRY, () => 0.25)).toBe(50);
  });
});
