import { Icon } from '../ui/icon.js';
import { Csrf, useView } from '../ui/view.js';

interface ToastProps {
  readonly message: string;
  /** Revisions that *undo* reverts; none = it cannot be undone. */
  readonly undo: readonly number[];
}

/** Says what was done, and reverts it when asked. */
export function Toast({ message, undo }: ToastProps) {
  const action = useView().links.to('audit/revert');
  return (
    <div class="toast" data-toast>
      <p>{message}</p>
      {undo.length === 0 ? null : (
        <form method="post" action={action} hx-post={action} class="inline">
          <Csrf />
          {undo.map((revision) => (
            <input key={revision} type="hidden" name="revision" value={revision} />
          ))}
          <button class="link">Undo</button>
        </form>
      )}
      <button type="button" class="icon-button" data-dismiss aria-label="Dismiss">
        <Icon name="close" />
      </button>
    </div>
  );
}
