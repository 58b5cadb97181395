import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import {
  ALGORITHMS,
  fromWire,
  KEY_STRATEGIES,
  MAX_BURST,
  MAX_COST,
  MISSING_KEY_POLICIES,
  RATE_LIMIT_MODES,
  rateLimitInput,
  STORE_FAILURE_POLICIES,
  type LimitScopeInput,
  type MissingKeyPolicy,
  type RateLimitAlgorithm,
  type RateLimitInput,
  type RateLimitKeyStrategy,
  type RateLimitMode,
  type StoreFailurePolicy,
} from '@waygate/core';
import { Optional, OptionalOrNull } from '../http/body.js';
import type { ExpiringFields } from '../schedule/schedule.dto.js';

/** The message clients of the wire contract know for a word that is not one of a list. */
function notA(what: string) {
  return { message: ({ value }: { value: unknown }) => `'${String(value).slice(0, 64)}' is not a valid ${what}` };
}

class Tier {
  @IsString()
  @Length(1, 64)
  name: string;

  @IsString()
  @Length(1, 64)
  limit: string;
}

class PolicyFields implements ExpiringFields {
  @Optional()
  @IsIn(ALGORITHMS, notA('RateLimitAlgorithm'))
  algorithm?: RateLimitAlgorithm;

  @Optional()
  @IsIn(KEY_STRATEGIES, notA('RateLimitKeyStrategy'))
  key_strategy?: RateLimitKeyStrategy;

  @ValidateIf((_body, value) => value !== undefined && value !== null)
  @IsIn(MISSING_KEY_POLICIES, notA('OnMissingKey'))
  on_missing_key?: MissingKeyPolicy | null;

  @Optional()
  @IsInt({ message: 'burst must be a whole number' })
  @Min(0, { message: 'burst must not be negative' })
  @Max(MAX_BURST)
  burst?: number;

  @Optional()
  @IsIn(RATE_LIMIT_MODES, notA('mode'))
  mode?: RateLimitMode;

  @Optional()
  @IsIn(STORE_FAILURE_POLICIES, notA('on_store_error'))
  on_store_error?: StoreFailurePolicy;

  @Optional()
  @IsArray()
  @ArrayMaxSize(1_000)
  @ValidateNested({ each: true })
  @Type(() => Tier)
  tiers?: Tier[];

  @Optional()
  @IsString()
  @MaxLength(64)
  tier_resolver?: string;

  @Optional()
  @IsArray()
  @IsString({ each: true })
  exempt_ips?: string[];

  @Optional()
  @IsArray()
  @IsString({ each: true })
  exempt_roles?: string[];

  @Optional()
  @IsInt()
  @Min(0)
  @Max(MAX_COST)
  cost?: number;

  /** The limit goes away by itself after this long, e.g. `2h`. */
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  expires_in?: string | null;

  /** The limit goes away by itself at this moment. */
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  expires_at?: string | null;
}

const PATH_AND_LIMIT = { message: 'path and limit are required' };

export class PolicyBody extends PolicyFields {
  @IsString(PATH_AND_LIMIT)
  @Length(1, 1_024, PATH_AND_LIMIT)
  path: string;

  @IsString(PATH_AND_LIMIT)
  @Length(1, 1_024, PATH_AND_LIMIT)
  limit: string;

  @Optional()
  @IsString(notA('HTTP method'))
  method?: string;

  @Optional()
  @IsString()
  @MaxLength(64)
  name?: string;
}

const EXEMPT = { message: 'exempt_routes must be a list' };
const LIMIT = { message: 'limit is required' };

export class ScopeBody extends PolicyFields {
  @IsString(LIMIT)
  @Length(1, 1_024, LIMIT)
  limit: string;

  @Optional()
  @IsArray(EXEMPT)
  @IsString({ each: true, ...EXEMPT })
  @ArrayMaxSize(10_000)
  exempt_routes?: string[];
}

export function policyInput(body: PolicyBody): RateLimitInput {
  return { ...fromWire(rateLimitInput, body), limit: body.limit };
}

export function scopeInput({ exempt_routes: exemptRoutes, ...body }: ScopeBody): LimitScopeInput {
  const { name: _name, ...input } = fromWire(rateLimitInput, body);
  return { ...input, limit: body.limit, ...(exemptRoutes === undefined ? {} : { exemptRoutes }) };
}
