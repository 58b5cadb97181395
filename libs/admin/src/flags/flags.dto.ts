import { ArrayMaxSize, IsArray, IsIn, IsObject, IsString, MaxLength } from 'class-validator';
import { Optional } from '../http/body.js';
import { ReasonBody } from '../routes/routes.dto.js';

const ACTIONS = ['enable', 'disable', 'update_rollout', 'add_rule', 'delete_rule'] as const;

/** Switches a flag, for good or for a time. */
export class SwitchFlagBody extends ReasonBody {
  /** For how long, such as `2h`; then it goes back by itself. */
  @Optional()
  @IsString()
  @MaxLength(64)
  expires_in?: string;
}

export class EvaluateBody {
  @Optional()
  context?: unknown;

  /** Accepted and not used, as ever. */
  @Optional()
  default?: unknown;
}

export class RolloutStepBody {
  weight: number;
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
