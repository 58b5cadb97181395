import { Type } from 'class-transformer';
import { IsString, Length, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import { toInstant, ValidationError, type Expiry, type Instant, type ScheduleInput } from '@waygate/core';
import { badRequest } from '../http/answer-error.js';
import { Optional } from '../http/body.js';

/** For how long something that is set holds; of the two, one. */
export interface ExpiringFields {
  /** E.g. `2h`. */
  readonly expires_in?: string | null;
  /** A moment. */
  readonly expires_at?: string | null;
}

/** @throws {ValidationError} by the engine, for both at once or a moment that is over */
export function expiryOf({ expires_in: expiresIn, expires_at: expiresAt }: ExpiringFields): Expiry {
  return {
    ...(expiresIn == null ? {} : { expiresIn }),
    ...(expiresAt == null ? {} : { expiresAt }),
  };
}

export class RecurrenceBody {
  /** Five fields: minute, hour, day of month, month, day of week. */
  @IsString()
  @Length(1, 128)
  cron: string;

  /** How long it lasts each time, e.g. `2h`. */
  @IsString()
  @Length(1, 64)
  duration: string;

  /** IANA name, e.g. `Europe/Berlin`. Default UTC. */
  @Optional()
  @IsString()
  @MaxLength(64)
  time_zone?: string;
}

/** When something planned takes place: once between two edges, or again and again. */
export class PlanFields {
  /** Required unless it recurs; then: not before. */
  @Optional()
  start?: unknown;

  /** Required unless it recurs; then: never after. */
  @Optional()
  end?: unknown;

  @ValidateIf((_body, value) => value !== undefined && value !== null)
  @ValidateNested({ message: 'recurrence must be an object with cron and duration' })
  @Type(() => RecurrenceBody)
  recurrence?: RecurrenceBody | null;
}

/** @throws {AnswerError} 400 for edges that are missing or no dates */
export function planOf({ start, end, recurrence }: PlanFields): ScheduleInput {
  const edges = {
    ...(isGiven(start) ? { start: edgeOf(start) } : {}),
    ...(isGiven(end) ? { end: edgeOf(end) } : {}),
  };
  if (recurrence === undefined || recurrence === null) {
    if (edges.start === undefined || edges.end === undefined) throw badRequest('start and end are required');
    return edges;
  }
  const { cron, duration, time_zone: timeZone } = recurrence;
  return { ...edges, recurrence: { cron, duration, ...(timeZone === undefined ? {} : { timeZone }) } };
}

export function isGiven(edge: unknown): boolean {
  return edge !== undefined && edge !== null && edge !== '';
}

/** @throws {AnswerError} 400 */
export function windowOf(start: unknown, end: unknown): { readonly start: Instant; readonly end: Instant } {
  return { start: edgeOf(start), end: edgeOf(end) };
}

function edgeOf(edge: unknown): Instant {
  try {
    return toInstant(edge as string, 'window');
  } catch (error) {
    if (error instanceof ValidationError || error instanceof TypeError) throw badRequest('Invalid datetime for start/end');
    throw error;
  }
}
