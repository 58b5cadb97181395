/** A change that is marked in a chart. */
export interface ChartMark {
  /** Epoch ms. */
  readonly at: number;
  readonly revision: number;
}

interface ChartSeries {
  readonly label: string;
  readonly colour: 'bad' | 'warn' | 'info' | 'good';
  /** One a minute; `null` = nothing was measured. */
  readonly values: readonly (number | null)[];
}

interface MinuteChartProps {
  readonly id: string;
  /** Start of each minute, epoch ms. */
  readonly minutes: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly marks: readonly ChartMark[];
  /** Of the values; empty = they are counts. */
  readonly unit?: string;
  /** What it shows, in words for those who do not see it. */
  readonly summary: string;
}

/** Drawn by the page's script from the data beside it. */
export function MinuteChart({ id, minutes, series, marks, unit = '', summary }: MinuteChartProps) {
  const data = {
    at: minutes.map((at) => at / 1_000),
    series: series.map(({ label, colour, values }) => ({ label, colour, values })),
    changes: marks.map(({ at, revision }) => ({ at: at / 1_000, revision })),
    unit,
  };
  return (
    <>
      <div class="chart-head">
        <ul class="legend">
          {series.map(({ label, colour }) => (
            <li key={label} class={`series-${colour}`}>
              {label}
            </li>
          ))}
          {marks.length === 0 ? null : <li class="series-accent">a change</li>}
        </ul>
        <p class="chart-readout" data-readout={id} />
      </div>
      <figure class="chart" id={id} data-chart={JSON.stringify(data)} role="img" aria-label={summary} />
      <noscript>
        <p class="hint">{summary}</p>
      </noscript>
    </>
  );
}
