import { useContext } from 'preact/hooks';
import { FormContext } from './form-state.js';

/** Why the form around it was rejected; nothing while it was not. */
export function FormProblemNote() {
  const { problem } = useContext(FormContext);
  return (
    <>
      {problem?.error === undefined ? null : <ProblemNote>{problem.error}</ProblemNote>}
      {problem?.conflict === undefined ? null : (
        <div class="conflict" role="alert">
          {problem.conflict}
        </div>
      )}
    </>
  );
}

/** Id of the note, which explains a field that is marked as wrong. */
export const PROBLEM_ID = 'form-error';

export function ProblemNote({ children }: { readonly children: string }) {
  return (
    <p class="form-error" id={PROBLEM_ID} role="alert">
      {children}
    </p>
  );
}
