import type { ComponentChildren } from 'preact';

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A control with its label, and what there is to know about it. */
function Field({ id, label, hint, children }: FieldProps) {
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

interface TextProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: ComponentChildren;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly type?: 'text' | 'password' | 'number' | 'url';
  readonly list?: string;
  readonly maxLength?: number;
  readonly autocomplete?: string;
}

export function TextField({ name, label, value = '', hint, autocomplete = 'off', autofocus, ...rest }: TextProps) {
  const id = `field-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`;
  return (
    <Field id={id} label={label} hint={hint}>
      <input id={id} name={name} value={value} autoComplete={autocomplete} autoFocus={autofocus} spellcheck={false} {...rest} />
    </Field>
  );
}

interface AreaProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: ComponentChildren;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly code?: boolean;
}

export function TextArea({ name, label, value = '', hint, rows = 3, placeholder, code = false }: AreaProps) {
  const id = `field-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`;
  return (
    <Field id={id} label={label} hint={hint}>
      <textarea id={id} name={name} rows={rows} placeholder={placeholder} spellcheck={false} class={code ? 'code' : undefined}>
        {value}
      </textarea>
    </Field>
  );
}

/** Why something is changed. */
export function ReasonField({ value }: { readonly value: string }) {
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

interface SelectProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly choices: readonly Choice[];
  readonly hint?: ComponentChildren;
}

export function SelectField({ name, label, value = '', choices, hint }: SelectProps) {
  const id = `field-${name.replaceAll(/[^a-z0-9]+/gi, '-')}`;
  return (
    <Field id={id} label={label} hint={hint}>
      <select id={id} name={name}>
        <Options choices={choices} value={value} />
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
  readonly value?: string;
}

export function Check({ name, label, checked = false, value = 'yes' }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value={value} checked={checked} /> <span>{label}</span>
    </label>
  );
}

/** A moment, typed in the viewer's zone where there is a script, else in UTC; what is sent is always UTC. */
export function MomentField({
  name,
  label,
  hint,
  value = '',
}: {
  name: string;
  label: string;
  hint?: ComponentChildren;
  value?: string;
}) {
  const id = `field-${name}`;
  return (
    <Field id={id} label={label} hint={hint}>
      <div class="moment">
        <input id={id} name={name} type="datetime-local" value={value} data-moment />
        <output for={id} class="hint">
          UTC
        </output>
      </div>
    </Field>
  );
}

/** Values one per line or by commas, e.g. paths. */
export function listOf(text: string): readonly string[] {
  return text
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
