import { ChangeFailedError, ValidationError } from '@waygate/core';

/** An error of a list of changes for a caller who knows nothing of a list: what is wrong, without the position of the change. */
export function withoutPosition(error: unknown): unknown {
  if (error instanceof ChangeFailedError) return error.cause;
  if (error instanceof ValidationError) return new ValidationError(error.field.replace(/^changes\[\d+\]\.?/, ''), error.problem);
  return error;
}
