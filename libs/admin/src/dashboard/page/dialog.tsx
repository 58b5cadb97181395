import type { ComponentChildren } from 'preact';
import type { Tone } from '../ui/badge.js';
import { FormProblem } from '../ui/form-problem.js';
import { Icon } from '../ui/icon.js';
import { Csrf } from './layout.js';
import type { Links } from './links.js';

export interface DialogModel {
  readonly title: string;
  /** What will happen when it is sent. */
  readonly note?: ComponentChildren;
  /** Where it is sent, below the mount. */
  readonly action: string;
  readonly submit: string;
  readonly tone?: Extract<Tone, 'accent' | 'bad'>;
  /** Where *cancel* leads without a script, below the mount. */
  readonly back: string;
  /** What was wrong with it. */
  readonly error?: string | undefined;
  /** What somebody else changed meanwhile. */
  readonly conflict?: ComponentChildren;
  readonly children?: ComponentChildren;
  /** Whether it stands in a page of its own: then its title is the page's. */
  readonly alone: boolean;
  readonly csrf: string | null;
  readonly links: Links;
}

/** A form that changes something: what it does stands above it, what went wrong beside it. */
export function DialogFrame(model: DialogModel) {
  const { title, note, submit, tone = 'accent', error, conflict, children, alone, csrf, links } = model;
  const Title = alone ? 'h1' : 'h2';
  const action = links.to(model.action);
  return (
    <form class="dialog-form" method="post" action={action} hx-post={action} hx-disabled-elt="find .primary">
      <header class="dialog-head">
        <Title id="dialog-title">{title}</Title>
        <a class="icon-button" href={links.to(model.back)} data-close aria-label="Close">
          <Icon name="close" />
        </a>
      </header>
      <div class="dialog-content">
        {note === undefined ? null : <div class="dialog-note">{note}</div>}
        <FormProblem error={error} conflict={conflict} />
        <Csrf token={csrf} />
        {children}
      </div>
      <footer class="dialog-foot">
        <a class="button" href={links.to(model.back)} data-close>
          Cancel
        </a>
        <button class={`button primary ${tone === 'bad' ? 'danger' : ''}`}>{submit}</button>
      </footer>
    </form>
  );
}
