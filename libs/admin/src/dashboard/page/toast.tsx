import type { Links } from './links.js';
import { Csrf } from './layout.js';
import { Icon } from '../ui/icon.js';

interface ToastProps {
  readonly links: Links;
  readonly csrf: string | null;
  readonly message: string;
  readonly undo: readonly number[];
}

/** Says what was done, and takes it back when asked. */
export function Toast({ links, csrf, message, undo }: ToastProps) {
  const action = links.to('audit/revert');
  return (
    <div class="toast" data-toast>
      <p>{message}</p>
      {undo.length === 0 ? null : (
        <form method="post" action={action} hx-post={action} class="inline">
          <Csrf token={csrf} />
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
