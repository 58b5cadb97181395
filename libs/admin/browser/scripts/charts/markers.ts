import type uPlot from 'uplot';
import type { ChartChange } from './chart-data.js';
import { color } from './colors.js';

interface Cluster {
  readonly start: number;
  readonly from: number;
  end: number;
  to: number;
}

const GAP_PX = 4;
/** Changes nearer to each other than this share one label. */
const LABEL_PX = 36;

/** Lines where something was changed, with the revision where there is room for it. */
export function markers(changes: readonly ChartChange[]): (chart: uPlot) => void {
  return (chart) => {
    const { ctx, bbox } = chart;
    const right = bbox.left + bbox.width;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color('var(--accent)');
    ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.setLineDash([3, 3]);
    const clusters: Cluster[] = [];
    for (const { at, revision } of changes) {
      // The last minute is still under way: a change within it is drawn at the edge.
      const x = Math.min(Math.round(chart.valToPos(at, 'x', true)), right) + 0.5;
      if (x < bbox.left) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const last = clusters.at(-1);
      if (last !== undefined && x - last.end < LABEL_PX * devicePixelRatio) Object.assign(last, { end: x, to: revision });
      else clusters.push({ start: x, end: x, from: revision, to: revision });
    }
    for (const { start, end, from, to } of clusters) {
      const text = from === to ? `r${from}` : `r${from}–${to}`;
      const { width } = ctx.measureText(text);
      const fits = end + GAP_PX + width <= right;
      ctx.fillText(text, fits ? end + GAP_PX : start - GAP_PX - width, bbox.top + 10 * devicePixelRatio);
    }
    ctx.restore();
  };
}
