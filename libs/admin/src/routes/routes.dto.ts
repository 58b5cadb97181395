import { ArrayMaxSize, IsArray, IsString, MaxLength } from 'class-validator';
import { Optional } from '../http/body.js';

const ENVS = { message: 'envs must be a list of strings' };

export class ReasonBody {
  @Optional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}

export class MaintenanceBody extends ReasonBody {
  /** With `end`; one alone is ignored. */
  @Optional()
  start?: unknown;

  @Optional()
  end?: unknown;
}

export class ScheduleBody extends ReasonBody {
  @Optional()
  start?: unknown;

  @Optional()
  end?: unknown;
}

export class EnvironmentsBody extends ReasonBody {
  @IsArray(ENVS)
  @IsString({ each: true, ...ENVS })
  @ArrayMaxSize(100)
  envs: string[];
}

export class DisableBody extends ReasonBody {
  /** Until when, as a length of time such as `2h`. */
  @Optional()
  @IsString()
  @MaxLength(64)
  expires_in?: string;
}
