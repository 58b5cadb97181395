import { ArrayMaxSize, IsArray, IsString, MaxLength } from 'class-validator';
import { Optional, OptionalOrNull } from '../http/body.js';
import { PlanFields, type ExpiringFields } from '../schedule/schedule.dto.js';

const ENVS = { message: 'envs must be a list of strings' };

export class ReasonBody {
  @Optional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}

/** With an expiry, what held before holds again after it. */
export class ExpiringBody extends ReasonBody implements ExpiringFields {
  /** Until when, as a length of time such as `2h`. */
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  expires_in?: string | null;

  /** Until when, as a moment. */
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  expires_at?: string | null;
}

export class MaintenanceBody extends ExpiringBody {
  /** With `end`; one alone is ignored. */
  @Optional()
  start?: unknown;

  @Optional()
  end?: unknown;
}

export class ScheduleBody extends PlanFields {
  @Optional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}

export class EnvironmentsBody extends ExpiringBody {
  @IsArray(ENVS)
  @IsString({ each: true, ...ENVS })
  @ArrayMaxSize(100)
  envs: string[];
}
