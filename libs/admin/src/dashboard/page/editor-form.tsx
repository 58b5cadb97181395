import type { ComponentChildren } from 'preact';
import { FormProblem } from '../ui/form-problem.js';
import { Csrf } from './layout.js';

interface EditorFormProps {
  readonly action: string;
  readonly csrf: string | null;
  readonly revision: number;
  readonly error: string | undefined;
  readonly conflict: ComponentChildren;
  readonly acts: boolean;
  readonly reason: string;
  readonly children: ComponentChildren;
}

/** A form that fills a page: sent as a whole, given back as typed when it is refused. */
export function EditorForm({ action, csrf, revision, error, conflict, acts, reason, children }: EditorFormProps) {
  return (
    <form id="editor" method="post" action={action} hx-post={action} hx-target="#editor" hx-swap="outerHTML" class="editor">
      <FormProblem error={error} conflict={conflict} />
      <Csrf token={csrf} />
      <input type="hidden" name="revision" value={revision} />
      <fieldset disabled={!acts}>{children}</fieldset>
      {acts ? (
        <div class="editor-foot">
          <input name="reason" value={reason} placeholder="Why (kept in the audit log)" aria-label="Reason" autoComplete="off" />
          <button class="button primary">Save</button>
        </div>
      ) : null}
    </form>
  );
}
