import type { RecordedAuditEntry } from '@waygate/core';
import { recordName } from '../admin/surface.js';
import { Icon } from '../ui/icon.js';
import { DialogLink } from '../ui/parts.js';
import { Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { actionName, Differences, told } from './change.js';
import { mayRevert } from './may-revert.js';

/** Entries of the log; each opens to what it changed. */
export function AuditEntries({ entries }: { readonly entries: readonly RecordedAuditEntry[] }) {
  const { who, links } = useView();
  return (
    <ol class="entries">
      {entries.map((entry) => (
        <li key={entry.id} class="entry">
          <details id={`entry-${entry.id}`}>
            <summary>
              <Icon name="right" />
              <span class="entry-action">{actionName(entry.action)}</span>
              <code class="entry-target path">{recordName(entry)}</code>
              <span class="entry-reason">{entry.reason}</span>
              <span class="entry-who">{entry.actor}</span>
              <span class="entry-when">
                <Time at={entry.at} />
              </span>
              <span class="revision">r{entry.revision}</span>
            </summary>
            <div class="entry-body">
              <p class="hint">
                {told(entry).length} {told(entry).length === 1 ? 'place differs' : 'places differ'}, from {entry.platform}.
                {entry.claimed === undefined
                  ? null
                  : ` The SDK claims: by ${entry.claimed.actor} from ${entry.claimed.platform}.`}
              </p>
              <Differences entry={entry} />
              {mayRevert(who, entry) ? (
                <DialogLink class="button small" href={links.to(`audit/revert/${entry.revision}`)}>
                  Revert r{entry.revision} …
                </DialogLink>
              ) : null}
            </div>
          </details>
        </li>
      ))}
    </ol>
  );
}
