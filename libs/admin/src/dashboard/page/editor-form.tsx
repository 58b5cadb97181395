import type { ComponentChildren } from 'preact';
import { FormProblemNote } from '../ui/form-problem.js';
import { RevisionField } from '../ui/form.js';
import { useField } from '../ui/form-state.js';
import { Csrf } from '../ui/view.js';

interface EditorFormProps {
  /** URL it is sent to. */
  readonly action: string;
  readonly revision: number;
  /** Whether the viewer may change it. */
  readonly acts: boolean;
  readonly children: ComponentChildren;
}

/** A form that fills a page: sent as a whole, and shown again as it was typed when it is rejected. */
export function EditorForm({ action, revision, acts, children }: EditorFormProps) {
  const { value: reason } = useField('reason', '');
  return (
    <form id="editor" method="post" action={action} hx-post={action} hx-target="#editor" hx-swap="outerHTML" class="editor">
      <FormProblemNote />
      <Csrf />
      <RevisionField revision={revision} />
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
