import type { ComponentChildren } from 'preact';
import { PROBLEM_ID } from './form-problem.js';
import { useBox, useField } from './form-state.js';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A control with its label, and what there is to know about it. */
function Field({ name, label, hint, children }: FieldProps) {
  const id = idOf(name);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

const idOf = (name: string) => `field-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`;

/** Marks a control whose value was rejected. */
const wrong = (invalid: boolean) => (invalid ? ({ 'aria-invalid': 'true', 'aria-describedby': PROBLEM_ID } as const) : {});

interface TextProps {
  readonly name: string;
  readonly label: string;
  /** Shown until the operator types another. */
  readonly value?: string | undefined;
  readonly hint?: ComponentChildren;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly type?: 'text' | 'password' | 'number' | 'url';
  readonly maxLength?: number;
  readonly autocomplete?: string;
}

export function TextField({ name, label, value = '', hint, autocomplete = 'off', autofocus, ...rest }: TextProps) {
  const { value: shown, invalid } = useField(name, value);
  return (
    <Field name={name} label={label} hint={hint}>
      <input
        id={idOf(name)}
        name={name}
        value={shown}
        autoComplete={autocomplete}
        autoFocus={autofocus}
        spellcheck={false}
        {...wrong(invalid)}
        {...rest}
      />
    </Field>
  );
}

interface AreaProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly hint?: ComponentChildren;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly code?: boolean;
}

export function TextArea({ name, label, value = '', hint, rows = 3, placeholder, code = false }: AreaProps) {
  const { value: shown, invalid } = useField(name, value);
  return (
    <Field name={name} label={label} hint={hint}>
      <textarea
        id={idOf(name)}
        name={name}
        rows={rows}
        placeholder={placeholder}
        spellcheck={false}
        class={code ? 'code' : undefined}
        {...wrong(invalid)}
      >
        {shown}
      </textarea>
    </Field>
  );
}

/** Why something is changed. */
export function ReasonField({ value }: { readonly value?: string }) {
  return (
    <TextArea
      name="reason"
      label="Reason"
      value={value}
      rows={2}
      placeholder="e.g. database migration"
      hint="Shown to callers and kept in the audit log."
    />
  );
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

/** Choices that are called what they are. */
export function choicesOf(values: readonly string[]): readonly Choice[] {
  return values.map((value) => ({ value, text: value }));
}

interface SelectProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly choices: readonly Choice[];
  readonly hint?: ComponentChildren;
}

export function SelectField({ name, label, value = '', choices, hint }: SelectProps) {
  const { value: shown, invalid } = useField(name, value);
  return (
    <Field name={name} label={label} hint={hint}>
      <select id={idOf(name)} name={name} {...wrong(invalid)}>
        <Options choices={choices} value={shown} />
      </select>
    </Field>
  );
}

export function Options({ choices, value }: { readonly choices: readonly Choice[]; readonly value: string }) {
  return (
    <>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value} selected={choice.value === value}>
          {choice.text}
        </option>
      ))}
    </>
  );
}

interface CheckProps {
  readonly name: string;
  readonly label: ComponentChildren;
  readonly checked?: boolean;
}

export function Check({ name, label, checked = false }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value="yes" checked={useBox(name, 'yes', checked)} /> <span>{label}</span>
    </label>
  );
}

interface MomentProps {
  readonly name: string;
  readonly label: string;
}

/** A moment, typed in the viewer's zone where there is a script, else in UTC; what is sent is always UTC. */
export function MomentField({ name, label }: MomentProps) {
  const { value, invalid } = useField(name, '');
  return (
    <Field name={name} label={label}>
      <div class="moment">
        <input
          id={idOf(name)}
          name={name}
          type="datetime-local"
          value={value.slice(0, 'YYYY-MM-DDTHH:MM'.length)}
          data-utc={value.endsWith('Z') ? value : undefined}
          data-moment
          {...wrong(invalid)}
        />
        <output for={idOf(name)} class="hint">
          UTC
        </output>
      </div>
    </Field>
  );
}

/** The revision a form was made from: it is rejected when the record has another by then. */
export function RevisionField({ revision }: { readonly revision: number }) {
  return <input type="hidden" name="revision" value={revision} />;
}

/** Values one per line or by commas, e.g. paths. */
export function listOf(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
