// Charts from the data that stands beside them. Colours are those of the page, so that a theme holds for them too.
(() => {
  'use strict';
  const drawn = new Map();

  /** A colour in CSS as a canvas takes it: what the theme makes of it is known only where it is used. */
  function colour(css) {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = css;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  /** Lines where something was changed, with the revision where there is room for it. */
  function markers(changes) {
    return (chart) => {
      const { ctx, bbox } = chart;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour('var(--accent)');
      ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
      ctx.textAlign = 'left';
      ctx.setLineDash([3, 3]);
      const clusters = [];
      for (const { at, revision } of changes) {
        // The last minute is still under way: what was changed within it stands at the edge.
        const x = Math.min(Math.round(chart.valToPos(at, 'x', true)), bbox.left + bbox.width) + 0.5;
        if (x < bbox.left) continue;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        const last = clusters.at(-1);
        if (last && x - last.end < 36 * devicePixelRatio) Object.assign(last, { end: x, to: revision });
        else clusters.push({ start: x, end: x, from: revision, to: revision });
      }
      for (const { start, end, from, to } of clusters) {
        const text = from === to ? `r${from}` : `r${from}–${to}`;
        const { width } = ctx.measureText(text);
        const fits = end + 4 + width <= bbox.left + bbox.width;
        ctx.fillText(text, fits ? end + 4 : start - 4 - width, bbox.top + 10 * devicePixelRatio);
      }
      ctx.restore();
    };
  }

  /** Says what stands under the pointer. */
  function readout(figure, lines, unit, changes) {
    const line = document.querySelector(`[data-readout="${figure.id}"]`);
    return (chart) => {
      if (!line) return;
      const { idx } = chart.cursor;
      const at = idx == null ? undefined : chart.data[0][idx];
      if (at === undefined) return void (line.textContent = '');
      const figures = lines.map(({ label, values }) => `${values[idx] ?? '–'}${unit} ${label}`);
      const made = changes.filter((change) => change.at >= at && change.at < at + 60).map(({ revision }) => `r${revision}`);
      line.textContent = [timeOf(at), ...figures, ...made].join(' · ');
    };
  }
  const timeOf = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

  function draw(figure) {
    const { at, series: lines, changes, unit } = JSON.parse(figure.dataset.chart);
    const axis = {
      stroke: colour('var(--text-3)'),
      grid: { stroke: colour('var(--line)'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    const series = ({ label, colour: name, values }) => ({
      label,
      stroke: colour(`var(--${name})`),
      fill: colour(`color-mix(in srgb, var(--${name}) 13%, transparent)`),
      width: 1.6,
      // Where minutes are missing, one between them is a point: a line would not show it.
      points: { show: values.includes(null), size: 4, width: 0, fill: colour(`var(--${name})`) },
    });
    const highest = Math.max(4, ...lines.flatMap(({ values }) => values)) * 1.08;
    const options = {
      width: Math.max(240, figure.clientWidth),
      height: 170,
      legend: { show: false },
      cursor: { y: false },
      scales: { y: { range: [0, highest] } },
      axes: [
        {
          ...axis,
          size: 28,
          values: (_chart, splits) => splits.map(timeOf),
        },
        {
          ...axis,
          size: unit === '' ? 40 : 56,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6],
          values: (_chart, splits) => splits.map((split) => `${split}${unit}`),
        },
      ],
      series: [{}, ...lines.map(series)],
      hooks: { draw: [markers(changes)], setCursor: [readout(figure, lines, unit, changes)] },
    };
    drawn.get(figure)?.destroy();
    drawn.set(figure, new uPlot(options, [at, ...lines.map(({ values }) => values)], figure));
  }

  function drawAll() {
    for (const [figure, chart] of drawn) {
      if (figure.isConnected) continue;
      chart.destroy();
      drawn.delete(figure);
    }
    for (const figure of document.querySelectorAll('[data-chart]')) draw(figure);
  }
  document.addEventListener('waygate:arrived', drawAll);
  document.addEventListener('waygate:theme', drawAll);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  let resizing;
  addEventListener('resize', () => {
    clearTimeout(resizing);
    resizing = setTimeout(drawAll, 120);
  });
})();
