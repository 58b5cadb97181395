import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsString, Max, Min, ValidateNested } from 'class-validator';
import { Optional } from '../http/body.js';
import { ExpiringBody, ReasonBody } from '../routes/routes.dto.js';

const WEIGHT = { message: 'weight must be a whole number from 0 to 100000' };
const ACTIONS = ['enable', 'disable', 'update_rollout', 'add_rule', 'delete_rule'] as const;

/** Switches a flag, for good or for a time. */
export class SwitchFlagBody extends ExpiringBody {}

export class EvaluateBody {
  @Optional()
  context?: unknown;

  /** Accepted and not used, as ever. */
  @Optional()
  default?: unknown;
}

export class RolloutStepBody {
  /** In 1/100 000. */
  @IsInt(WEIGHT)
  @Min(0, WEIGHT)
  @Max(100_000, WEIGHT)
  weight: number;

  /** How long after the step before, such as `1d`. */
  @Optional()
  after?: string | number;
}

/** Lets a variation grow by steps of time. */
export class RolloutBody extends ReasonBody {
  @IsString({ message: 'variation is required' })
  variation: string;

  @Optional()
  @IsString()
  otherwise?: string;

  @Optional()
  @IsString()
  rule_id?: string;

  /** Each `{ weight, after }`: the share in 1/100 000, and how long after the step before. */
  @IsArray({ message: 'steps must be a list' })
  @IsObject({ each: true, message: 'steps must be a list of objects' })
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => RolloutStepBody)
  steps: RolloutStepBody[];

  @Optional()
  @IsString()
  bucket_by?: string;

  @Optional()
  @IsString()
  salt?: string;
}

export class ScheduleFlagBody {
  @IsIn(ACTIONS, { message: `action must be one of ${ACTIONS.join(', ')}` })
  action: (typeof ACTIONS)[number];

  @IsString({ message: 'execute_at is required' })
  execute_at: string;

  @Optional()
  @IsObject({ message: 'payload must be an object' })
  payload?: object;
}

export class MembersBody {
  @IsArray({ message: 'keys must be a list' })
  @IsString({ each: true, message: 'keys must be a list of texts' })
  @ArrayMaxSize(10_000)
  keys: string[];
}
