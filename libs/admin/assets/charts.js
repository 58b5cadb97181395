// Charts from the data that stands beside them. Colours are those of the page, so that a theme holds for them too.
(() => {
  'use strict';
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** Lines where something was changed. */
  function markers(changes) {
    return (chart) => {
      const { ctx, bbox } = chart;
      ctx.save();
      ctx.strokeStyle = colour('--accent');
      ctx.setLineDash([3, 3]);
      for (const at of changes) {
        const x = Math.round(chart.valToPos(at, 'x', true)) + 0.5;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    };
  }

  function draw(figure) {
    const { at, series: lines, changes } = JSON.parse(figure.dataset.chart);
    const axis = {
      stroke: colour('--text-3'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    const series = (label, name) => ({
      label,
      stroke: colour(name),
      fill: `${colour(name)}22`,
      width: 1.6,
      points: { show: false },
    });
    const highest = Math.max(4, ...lines.flatMap(({ values }) => values));
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
          values: (_chart, splits) =>
            splits.map((split) => new Date(split * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })),
        },
        { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] },
      ],
      series: [{}, ...lines.map((line) => series(line.label, `--${line.colour}`))],
      hooks: { draw: [markers(changes)] },
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
