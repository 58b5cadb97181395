import type { EvaluationCount, EvaluationSample } from '@waygate/core';
import { columnsOf, DataTable, Faint } from '../ui/data-table.js';
import { Empty, Panel } from '../ui/parts.js';

const { column, times } = columnsOf<EvaluationSample>();

interface EvaluationsProps {
  readonly counts: readonly EvaluationCount[];
  readonly samples: readonly EvaluationSample[];
}

/** How often each variation was given within the hour, and single evaluations as they happen; in this process. */
export function EvaluationsPanel({ counts, samples }: EvaluationsProps) {
  const totals = new Map<string, number>();
  for (const { variation, count } of counts)
    totals.set(variation ?? '(default)', (totals.get(variation ?? '(default)') ?? 0) + count);
  const all = [...totals.values()].reduce((sum, count) => sum + count, 0);
  return (
    <div id="evaluations" hx-get="" hx-trigger="every 3s, waygate:changed from:body" hx-select="#evaluations" hx-swap="outerHTML">
      <Panel title="Within the hour">
        {all === 0 ? (
          <p class="hint">Nobody asked for it in this process yet.</p>
        ) : (
          <ul class="tops">
            {[...totals].map(([name, count]) => (
              <li key={name}>
                <span class="path">{name}</span>
                <meter min={0} max={all} value={count} aria-label={`${name}: ${count}`} />
                <span class="num">{count}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel title="Latest" flush>
        <DataTable
          label="Evaluations"
          rows={samples.map((sample, index) => ({ ...sample, id: String(index) }))}
          keyOf={({ id }) => id}
          empty={
            <Empty icon="flag" title="No evaluation yet">
              <p>They appear here while the app asks for the flag: all of them while few are made, a sample under load.</p>
            </Empty>
          }
          columns={[
            times('When', ({ at }) => at),
            column('Caller', ({ targetingKey }) => targetingKey ?? <Faint>none</Faint>, { cellClass: 'path' }),
            column('Variation', ({ variation }) => variation ?? '(default)', { cellClass: 'path' }),
            column('Why', ({ reason, ruleId }) => (
              <>
                {reason.toLowerCase().replaceAll('_', ' ')} {ruleId === null ? null : <span class="tag">{ruleId}</span>}
              </>
            )),
          ]}
        />
      </Panel>
    </div>
  );
}
