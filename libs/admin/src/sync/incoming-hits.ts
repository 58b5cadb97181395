import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsObject, IsString, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import { parseRouteKey, toInstant, type RateLimitHit } from '@waygate/core';
import { AnswerError } from '../http/answer-error.js';
import type { SyncScope } from './sync-scope.js';

class HitBody {
  @IsString()
  @MaxLength(64)
  id: string;

  @IsString()
  at: string;

  @IsString()
  @MaxLength(1_200)
  route: string;

  @IsString()
  @MaxLength(16)
  method: string;

  @IsString()
  @MaxLength(1_024)
  caller: string;

  @IsString()
  @MaxLength(256)
  policy: string;

  @IsString()
  @MaxLength(256)
  limit: string;

  @ValidateIf((_body, value) => value !== null)
  @IsString()
  @MaxLength(64)
  tier: string | null;

  @IsString()
  resetAt: string;

  @IsBoolean()
  shadow: boolean;
}

/** Requests that another process refused. */
export class HitsBody {
  @IsArray()
  @ArrayMaxSize(1_000)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => HitBody)
  hits: HitBody[];
}

/**
 * @throws {AnswerError} 403 for a route that is not in scope
 * @throws {ValidationError} for moments and routes that are none
 */
export function readHits({ hits }: HitsBody, scope: SyncScope): readonly RateLimitHit[] {
  return hits.map(({ at, resetAt, ...hit }, index) => {
    // A request that no route answered to belongs to whoever refused it.
    if (hit.route !== '' && !scope.includes({ kind: 'route', key: hit.route }))
      throw new AnswerError(403, `hits[${index}].route: '${hit.route}' is not yours`);
    // What is no route's key would keep everybody from reading the log.
    if (hit.route !== '') parseRouteKey(hit.route, `hits[${index}].route`);
    return { ...hit, at: toInstant(at, `hits[${index}].at`), resetAt: toInstant(resetAt, `hits[${index}].resetAt`) };
  });
}
