import type { BackendUnavailableError, EngineClosedError } from '@waygate/core';

/** What a caller is told when the store failed; what it said itself goes to the log. */
export function storeFailureText(error: BackendUnavailableError | EngineClosedError): string {
  return mayHaveChanged(error)
    ? 'The store did not answer in time; it is unknown whether the change was made. Look before you try again.'
    : 'The store cannot be reached; nothing was changed. Try again.';
}

export function mayHaveChanged(error: BackendUnavailableError | EngineClosedError): boolean {
  return 'mayHaveChanged' in error && error.mayHaveChanged;
}
