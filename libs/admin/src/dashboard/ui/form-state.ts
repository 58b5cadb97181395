import { createContext, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';

/** Why a form was rejected. */
export interface FormProblem {
  readonly status: 409 | 422;
  /** What is wrong with what was sent. */
  readonly error?: string;
  /** The field that is wrong, as the form names it. */
  readonly field?: string;
  /** What another user changed in the meantime. */
  readonly conflict?: ComponentChildren;
}

/** What a form was sent with, and why it was rejected. */
export interface FormState {
  /** `null` = it was not sent yet. */
  readonly sent: URLSearchParams | null;
  /** `null` = nothing is wrong. */
  readonly problem: FormProblem | null;
}

export const FormContext = createContext<FormState>({ sent: null, problem: null });

/** What a field shows: what the operator typed before the form was rejected, else the value it has. */
export function useField(name: string, value: string): { readonly value: string; readonly invalid: boolean } {
  const { sent, problem } = useContext(FormContext);
  return { value: sent?.get(name)?.trim() ?? value, invalid: problem?.field === name };
}

/** The same for a box, which is not sent at all while it is not checked. */
export function useBox(name: string, value: string, checked: boolean): boolean {
  const { sent } = useContext(FormContext);
  return sent === null ? checked : sent.getAll(name).includes(value);
}

/** The field of a form that an error calls `expiresAt`, `window.recurrence.cron` or `rateLimit.exemptIps[2]`. */
export function fieldNamed(path: string): string {
  const [list = ''] = path.split('[');
  const last = list.split('.').at(-1) ?? '';
  return last.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
