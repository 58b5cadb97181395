// Draws docs/assets/algorithms.svg: the four algorithms under the same traffic, decided by the real counters. `npm run build` first.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryCounterStore } from '@waygate/core';
import { ROOT } from './steps.mjs';

const PERIOD = 60_000;
const LIMIT = 10;
const START = Date.UTC(2026, 0, 1);
const ALGORITHMS = ['fixed_window', 'sliding_window', 'moving_window', 'token_bucket'];

/** Seconds at which requests come: a trickle, a burst before and one after the end of the first minute, then steady pressure. */
const TRAFFIC = [
  5,
  15,
  25,
  ...Array.from({ length: 12 }, (_, i) => 50 + i * 0.8),
  ...Array.from({ length: 12 }, (_, i) => 66 + i * 0.8),
  ...Array.from({ length: 28 }, (_, i) => 90 + i * 3),
];

function decisions(algorithm) {
  let now = START;
  const store = new MemoryCounterStore({ clock: () => now });
  const rule = { id: algorithm, algorithm, limit: LIMIT, burst: 0, periodMs: PERIOD };
  return TRAFFIC.map((second) => {
    now = START + Math.round(second * 1_000);
    const [verdict] = store.consume([{ rule, caller: 'caller', cost: 1 }]);
    return { second, allowed: verdict.allowed };
  });
}

/** Most requests let through in any one period. */
function worst(passed) {
  return Math.max(...passed.map((from) => passed.filter((at) => at >= from && at < from + PERIOD / 1_000).length));
}

const WIDTH = 940;
const LEFT = 130;
const RIGHT = 165;
const ROW = 58;
const TOP = 46;
const x = (second) => LEFT + (second / 180) * (WIDTH - LEFT - RIGHT);
const text = (at, y, content, more = '') => `<text x="${at}" y="${y}" ${more}>${content}</text>`;
const parts = [];
for (const minute of [0, 60, 120, 180]) {
  parts.push(`<line x1="${x(minute)}" y1="${TOP - 14}" x2="${x(minute)}" y2="${TOP + ROW * 4 - 12}" class="grid"/>`);
  parts.push(text(x(minute), TOP - 20, `${minute} s`, 'text-anchor="middle" class="small"'));
}
ALGORITHMS.forEach((algorithm, row) => {
  const y = TOP + row * ROW + 16;
  const seen = decisions(algorithm);
  const passed = seen.filter(({ allowed }) => allowed).map(({ second }) => second);
  parts.push(text(12, y + 4, algorithm));
  for (const { second, allowed } of seen) {
    parts.push(
      allowed
        ? `<circle cx="${x(second).toFixed(1)}" cy="${y - 7}" r="3.4" class="passed"/>`
        : `<path d="M${(x(second) - 3).toFixed(1)} ${y + 6}l6 6m0 -6l-6 6" class="refused"/>`,
    );
  }
  parts.push(text(WIDTH - RIGHT + 18, y - 2, `${passed.length} of ${seen.length} passed`, 'class="small"'));
  parts.push(text(WIDTH - RIGHT + 18, y + 14, `at most ${worst(passed)} a minute`, 'class="small"'));
});
const height = TOP + ROW * 4 + 12;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Four algorithms under the same traffic, limit ${LIMIT} a minute">
<style>
  text { font: 14px system-ui, sans-serif; fill: #3b4151; }
  .small { font-size: 12px; fill: #6b7280; }
  .grid { stroke: #d5dae3; stroke-dasharray: 3 4; }
  .passed { fill: #2f8f5b; }
  .refused { stroke: #c0392b; stroke-width: 1.6; fill: none; }
  .paper { fill: #ffffff; }
</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>
${parts.join('\n')}
</svg>
`;
writeFileSync(join(ROOT, 'docs', 'assets', 'algorithms.svg'), svg);
console.log('docs/assets/algorithms.svg');
