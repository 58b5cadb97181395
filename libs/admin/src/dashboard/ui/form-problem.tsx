import type { ComponentChildren } from 'preact';

interface FormProblemProps {
  /** What was wrong with what was sent. */
  readonly error: string | null | undefined;
  /** What somebody else changed meanwhile. */
  readonly conflict?: ComponentChildren;
}

/** Why a form was not taken; nothing while it was. */
export function FormProblem({ error = null, conflict = null }: FormProblemProps) {
  return (
    <>
      {error === null ? null : (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      {conflict === null ? null : (
        <div class="conflict" role="alert">
          {conflict}
        </div>
      )}
    </>
  );
}
