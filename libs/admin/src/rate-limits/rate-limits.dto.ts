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
import type { LimitScopeInput, RateLimitInput } from '@waygate/core';
import { Optional, OptionalOrNull } from '../http/body.js';
import type { ExpiringFields } from '../schedule/schedule.dto.js';

const ALGORITHMS = ['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'] as const;
const STRATEGIES = ['ip', 'user', 'api_key', 'global', 'custom'] as const;
const MISSING = ['exempt', 'fallback_ip', 'block'] as const;
const MODES = ['enforce', 'shadow', 'off'] as const;
const ON_STORE_ERROR = ['local', 'allow', 'deny'] as const;

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
  algorithm?: (typeof ALGORITHMS)[number];

  @Optional()
  @IsIn(STRATEGIES, notA('RateLimitKeyStrategy'))
  key_strategy?: (typeof STRATEGIES)[number];

  @ValidateIf((_body, value) => value !== undefined && value !== null)
  @IsIn(MISSING, notA('OnMissingKey'))
  on_missing_key?: (typeof MISSING)[number] | null;

  @Optional()
  @IsInt({ message: 'burst must be a whole number' })
  @Min(0, { message: 'burst must not be negative' })
  @Max(1_000_000_000)
  burst?: number;

  @Optional()
  @IsIn(MODES, notA('mode'))
  mode?: (typeof MODES)[number];

  @Optional()
  @IsIn(ON_STORE_ERROR, notA('on_store_error'))
  on_store_error?: (typeof ON_STORE_ERROR)[number];

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
  @Max(1_000_000)
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
  return { ...fieldsOf(body), ...defined({ name: body.name }), limit: body.limit };
}

export function scopeInput(body: ScopeBody): LimitScopeInput {
  return { ...fieldsOf(body), ...defined({ exemptRoutes: body.exempt_routes }), limit: body.limit };
}

function fieldsOf(body: PolicyFields) {
  return defined({
    algorithm: body.algorithm,
    key: body.key_strategy,
    onMissingKey: body.on_missing_key,
    burst: body.burst,
    mode: body.mode,
    onStoreError: body.on_store_error,
    tiers: body.tiers,
    tierResolver: body.tier_resolver,
    exemptIps: body.exempt_ips,
    exemptRoles: body.exempt_roles,
    cost: body.cost,
  });
}

/** Without what was not said, so that defaults hold. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
