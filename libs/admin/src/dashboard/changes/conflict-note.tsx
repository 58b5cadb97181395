import type { RecordedAuditEntry } from '@waygate/core';
import { ChangeSummary } from './change.js';

/** What another user did to a record while the form was open. */
export function ConflictNote({ entries }: { readonly entries: readonly RecordedAuditEntry[] }) {
  return (
    <>
      <p>
        <strong>Somebody else was faster.</strong> Nothing was changed. This is what happened meanwhile; what you typed is still
        here. Send it again to replace it.
      </p>
      {entries.map((entry) => (
        <ChangeSummary key={entry.id} entry={entry} />
      ))}
    </>
  );
}
