// Draws charts from the data in the page. Their colors are those of the page, so that themes apply to them too.
import uPlot from 'uplot';
import type { ChartData, ChartLine } from './charts/chart-data.js';
import { color } from './charts/colors.js';
import { markers } from './charts/markers.js';
import { readout, timeOfDay } from './charts/readout.js';

const INCREMENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6];
const RESIZED_MS = 120;
const drawn = new Map<HTMLElement, uPlot>();

function draw(figure: HTMLElement): void {
  const data: ChartData = JSON.parse(figure.dataset['chart'] ?? '');
  const { at, series, changes, unit } = data;
  const axis: uPlot.Axis = {
    stroke: color('var(--text-3)'),
    grid: { stroke: color('var(--line)'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  const highest = Math.max(4, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))) * 1.08;
  const options: uPlot.Options = {
    width: Math.max(240, figure.clientWidth),
    height: 170,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: [0, highest] } },
    axes: [
      { ...axis, size: 28, values: (_chart, splits) => splits.map(timeOfDay) },
      {
        ...axis,
        size: unit === '' ? 40 : 56,
        incrs: INCREMENTS,
        values: (_chart, splits) => splits.map((split) => `${split}${unit}`),
      },
    ],
    series: [{}, ...series.map(styleOf)],
    hooks: { draw: [markers(changes)], setCursor: [readout(figure.id, data)] },
  };
  drawn.get(figure)?.destroy();
  drawn.set(figure, new uPlot(options, [at, ...series.map(({ values }) => values)], figure));
}

function styleOf({ label, colour, values }: ChartLine): uPlot.Series {
  return {
    label,
    stroke: color(`var(--${colour})`),
    fill: color(`color-mix(in srgb, var(--${colour}) 13%, transparent)`),
    width: 1.6,
    // Where minutes are missing, one between them is a point: a line would not show it.
    points: { show: values.includes(null), size: 4, width: 0, fill: color(`var(--${colour})`) },
  };
}

function drawAll(): void {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) continue;
    chart.destroy();
    drawn.delete(figure);
  }
  for (const figure of document.querySelectorAll<HTMLElement>('[data-chart]')) draw(figure);
}

document.addEventListener('waygate:arrived', drawAll);
document.addEventListener('waygate:theme', drawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
let resizing: ReturnType<typeof setTimeout> | undefined;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(drawAll, RESIZED_MS);
});
