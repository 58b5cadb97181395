import type { EvaluationCount, EvaluationSample } from '@waygate/core';
import { DataTable } from '../ui/data-table.js';
import { Empty, Panel } from '../ui/parts.js';
import { Time } from '../ui/time.js';

interface EvaluationsProps {
  readonly counts: readonly EvaluationCount[];
  readonly samples: readonly EvaluationSample[];
  readonly now: number;
}

/** How often each variation was given within the hour, and single evaluations as they happen; in this process. */
export function EvaluationsPanel({ counts, samples, now }: EvaluationsProps) {
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
        {samples.length === 0 ? (
          <Empty icon="flag" title="No evaluation yet">
            <p>They appear here while the app asks for the flag: all of them while few are made, a sample under load.</p>
          </Empty>
        ) : (
          <DataTable label="Evaluations" columns={['When', 'Caller', 'Variation', 'Why']}>
            {samples.map(({ at, targetingKey, variation, reason, ruleId }, index) => (
              <tr key={index}>
                <td class="nowrap">
                  <Time at={at} now={now} />
                </td>
                <td class="path">{targetingKey ?? <span class="faint">none</span>}</td>
                <td class="path">{variation ?? '(default)'}</td>
                <td>
                  {reason.toLowerCase().replaceAll('_', ' ')} {ruleId === null ? null : <span class="tag">{ruleId}</span>}
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      </Panel>
    </div>
  );
}
