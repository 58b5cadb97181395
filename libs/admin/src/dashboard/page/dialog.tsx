import type { ComponentChildren } from 'preact';
import type { Tone } from '../ui/badge.js';
import { FormProblemNote } from '../ui/form-problem.js';
import { Icon } from '../ui/icon.js';
import type { Section } from './navigation.js';
import { Csrf, useView } from '../ui/view.js';

/** What an action is called, and what it does. */
export interface Wording {
  readonly title: string;
  /** What will happen when the form is sent. */
  readonly note?: ComponentChildren;
  readonly submit: string;
  /** `bad` = callers may be refused, or something is lost. */
  readonly tone?: Extract<Tone, 'accent' | 'bad'>;
}

/** A form that changes something. */
export interface Form extends Wording {
  readonly section: Section;
  /** Where it is sent, below the mount. */
  readonly action: string;
  /** Where *cancel* leads without a script, below the mount. */
  readonly back: string;
  readonly fields?: ComponentChildren;
}

interface HeadProps {
  readonly title: string;
  /** Where *close* leads, below the mount: without a script, or where it `leaves`. */
  readonly back: string;
  readonly leaves?: boolean;
  /** Whether it fills a page of its own: then its title is the page's. */
  readonly alone: boolean;
}

/** Head of everything that opens as a dialog, or as a page without a script. */
function DialogHead({ title, back, leaves = false, alone }: HeadProps) {
  const Title = alone ? 'h1' : 'h2';
  return (
    <header class="dialog-head">
      <Title id="dialog-title">{title}</Title>
      <a class="icon-button" href={useView().links.to(back)} data-close={leaves ? undefined : ''} aria-label="Close">
        <Icon name="close" />
      </a>
    </header>
  );
}

/** What the form does is above its fields, and what went wrong too. */
export function FormDialog({ form, alone }: { readonly form: Form; readonly alone: boolean }) {
  const { links } = useView();
  const { title, note, submit, tone = 'accent', back, fields } = form;
  const action = links.to(form.action);
  return (
    <form class="dialog-form" method="post" action={action} hx-post={action} hx-disabled-elt="find .primary">
      <DialogHead title={title} back={back} alone={alone} />
      <div class="dialog-content">
        {note === undefined ? null : <div class="dialog-note">{note}</div>}
        <FormProblemNote />
        <Csrf />
        {fields}
      </div>
      <footer class="dialog-foot">
        <a class="button" href={links.to(back)} data-close>
          Cancel
        </a>
        <button class={`button primary ${tone === 'bad' ? 'danger' : ''}`}>{submit}</button>
      </footer>
    </form>
  );
}

export interface Secret {
  readonly title: string;
  readonly section: Section;
  readonly note: string;
  readonly secret: string;
  /** Below the mount. */
  readonly back: string;
}

/** A secret that is shown this once. */
export function SecretDialog({
  secret: { title, note, secret, back },
  alone,
}: {
  readonly secret: Secret;
  readonly alone: boolean;
}) {
  return (
    <div class="dialog-form">
      <DialogHead title={title} back={back} alone={alone} leaves />
      <div class="dialog-content">
        <p class="dialog-note">{note}</p>
        <code class="code-block secret">{secret}</code>
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button" data-copy={secret}>
          Copy
        </button>
        <a class="button primary" href={useView().links.to(back)}>
          Done
        </a>
      </footer>
    </div>
  );
}
