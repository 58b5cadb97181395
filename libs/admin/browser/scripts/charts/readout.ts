import type uPlot from 'uplot';
import type { ChartData } from './chart-data.js';

const MINUTE_SECONDS = 60;

/** Shows the figures under the pointer, as text. */
export function readout(id: string, { series, unit, changes }: ChartData): (chart: uPlot) => void {
  const line = document.querySelector(`[data-readout="${id}"]`);
  return (chart) => {
    if (line === null) return;
    const { idx } = chart.cursor;
    const at = idx == null ? undefined : chart.data[0][idx];
    if (idx == null || at === undefined) {
      line.textContent = '';
      return;
    }
    const figures = series.map(({ label, values }) => `${values[idx] ?? '–'}${unit} ${label}`);
    const made = changes.filter((change) => change.at >= at && change.at < at + MINUTE_SECONDS);
    line.textContent = [timeOfDay(at), ...figures, ...made.map(({ revision }) => `r${revision}`)].join(' · ');
  };
}

/** @param at Unix seconds */
export function timeOfDay(at: number): string {
  return new Date(at * 1_000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
