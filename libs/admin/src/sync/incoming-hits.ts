import { incomingHit, parseRouteKey, read, toInstant, type RateLimitHit } from '@waygate/core';
import { AnswerError } from '../http/answer-error.js';
import { readBulk } from '../http/bulk-body.js';
import type { SyncScope } from './sync-scope.js';

const MAX_HITS = 1_000;

/**
 * Requests that another process refused.
 * @param body JSON: `{ hits }`
 * @throws {AnswerError} 400 for what is no list of hits, 403 for a route that is not in scope
 * @throws {ValidationError} for the first hit that is wrong
 */
export async function readHits(body: string, scope: SyncScope): Promise<readonly RateLimitHit[]> {
  const { hits } = await readBulk(body, { hits: { max: MAX_HITS, read: (item, index) => readHit(item, index, scope) } });
  return hits;
}

function readHit(item: unknown, index: number, scope: SyncScope): RateLimitHit {
  const { at, resetAt, ...hit } = read(incomingHit, item, `hits[${index}]`);
  // A request that no route answered to belongs to whoever refused it.
  if (hit.route !== '' && !scope.includes({ kind: 'route', key: hit.route }))
    throw new AnswerError(403, `hits[${index}].route: '${hit.route}' is not yours`);
  // What is no route's key would keep everybody from reading the log.
  if (hit.route !== '') parseRouteKey(hit.route, `hits[${index}].route`);
  return { ...hit, at: toInstant(at, `hits[${index}].at`), resetAt: toInstant(resetAt, `hits[${index}].resetAt`) };
}
