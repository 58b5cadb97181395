import type { LimitPreview } from '@waygate/core';
import type { ComponentChildren } from 'preact';
import { count, counted } from '../ui/figures.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';

/** The place in a form where it is said what the limit would have done: filled by the page's script, or on demand without one. */
export function PreviewPlace({
  path,
  children,
}: {
  /** Where the form is sent for it, below the mount. */
  readonly path: string;
  readonly children: ComponentChildren;
}) {
  const { links } = useView();
  const action = links.to(path);
  return (
    <>
      <div
        id="limit-preview"
        class="preview"
        aria-live="polite"
        hx-post={action}
        hx-trigger="load, input from:closest form delay:250ms"
        hx-include="closest form"
        hx-swap="innerHTML"
        hx-sync="this:replace"
      >
        {children}
      </div>
      <noscript>
        <button class="button" formAction={action} formNoValidate>
          Preview
        </button>
      </noscript>
    </>
  );
}

interface ResultProps {
  readonly preview: LimitPreview;
  /** The same for the limit that holds now; `null` = none does. */
  readonly present: LimitPreview | null;
  /** Whom it is about: callers by API key are known by a fingerprint only. */
  readonly byKey: boolean;
}

/** What a limit would have done to the requests of the last hour, and what that is based on. */
export function PreviewResult({ preview, present, byKey }: ResultProps) {
  const { requests, callers, blocked, blockedCallers, uncounted, top, factor, since, unknown } = preview;
  if (since === null) return <p class="hint">No preview: requests are not recorded, as option `stats` of the admin is off.</p>;
  if (unknown.includes('key')) return <p class="hint">No preview: a function of the app gives the key, which is not recorded.</p>;
  const from = (
    <>
      recorded by this process since <Time at={since} />
    </>
  );
  if (requests + uncounted === 0) return <p class="hint">Nothing to replay: no request came, {from}.</p>;
  return (
    <>
      <p class="preview-verdict">
        {blocked === 0 ? (
          'Would have blocked nobody in the last hour.'
        ) : (
          <>
            Would have blocked{' '}
            <strong>
              {counted(blocked, 'request')} of {counted(blockedCallers, 'caller')}
            </strong>{' '}
            in the last hour.
          </>
        )}
        {present === null ? null : (
          <span class="hint">
            {' '}
            The limit that holds now: {counted(present.blocked, 'request')} of {counted(present.blockedCallers, 'caller')}.
          </span>
        )}
      </p>
      {top.length === 0 || byKey ? null : (
        <ul class="preview-top">
          {top.map(({ caller, requests: made, blocked: refused }) => (
            <li key={caller}>
              <code class="path">{caller === '*' ? 'everybody' : caller || 'no key'}</code> {refused} of {made}
            </li>
          ))}
        </ul>
      )}
      <p class="hint">
        Replayed over {counted(requests, 'request')} of {counted(callers, 'caller')}, {from}.
        {uncounted === 0
          ? null
          : ` ${counted(uncounted, 'request')} would not count: exempt, or it is not known whom they are from.`}
        {factor === 1 ? null : ` An estimate: one of ${count(factor)} addresses is recorded, as so many requests come.`}
        {unknown.length === 0 ? null : ` Without ${unknown.join(' and ')}, which are not recorded.`}
      </p>
    </>
  );
}

/** Why there is no preview. */
export function PreviewProblem({ message }: { readonly message: string }) {
  return <p class="hint">No preview yet: {message}</p>;
}
