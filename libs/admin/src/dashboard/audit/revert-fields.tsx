import type { RecordReversal } from '@waygate/core';
import { recordName } from '../admin/surface.js';
import { Check, TextField } from '../ui/form.js';
import { ChangeSummary, Differences } from '../changes/change.js';

/** What of it is meant where the name does not say so. */
const SUBJECT: Partial<Record<RecordReversal['kind'], string>> = {
  maintenance: 'maintenance',
  'limit-scope': 'limit',
  'rate-limit': 'limits',
};

interface RevertFieldsProps {
  readonly revision: number;
  readonly records: readonly RecordReversal[];
}

/** What taking back a revision will change; where later changes would be lost with it, who made them, and that it is meant. */
export function RevertFields({ revision, records }: RevertFieldsProps) {
  const later = [...new Map(records.flatMap((record) => record.later).map((entry) => [entry.id, entry])).values()];
  return (
    <>
      <input type="hidden" name="revision" value={revision} />
      {records.map((record) => (
        <section key={`${record.kind} ${record.key}`} class="reversal">
          <p>
            <code class="path">{recordName(record)}</code> {SUBJECT[record.kind] ?? null}{' '}
            {record.after === null ? 'goes away' : null}
          </p>
          {record.after === null ? null : <Differences entry={record} />}
        </section>
      ))}
      {records.every(({ isChanged }) => !isChanged) ? null : (
        <div class="conflict">
          <p>
            <strong>This was changed since.</strong> Taking revision {revision} back loses what came after it:
          </p>
          {later.map((entry) => (
            <ChangeSummary key={entry.id} entry={entry} />
          ))}
          <Check name="force" label={`Take revision ${revision} back all the same`} />
        </div>
      )}
      <TextField name="reason" label="Reason" placeholder={`Takes back revision ${revision}`} />
    </>
  );
}
