// Compares ways of doing the same in one run: rounds of A, B, C, A, B, C, …, medians, and ratios to the first. Absolute times are noise
// on a shared machine; the ratios are not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), 'results');

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures subjects in turn.
 * @param name title of the table and name of the JSON file
 * @param subjects name → function that does the work `iterations` times (it may return a promise), or that returns its own figure
 * @param options.rounds how often each is measured (default 11); the first two rounds warm up and do not count
 * @param options.iterations divides the time of a round; default 1
 * @param options.unit 'ns' (default): time of a round by iterations; anything else: what the function returned is the figure
 * @returns name → { median, min, max, ratio }; `ratio` is the median of the ratios to the first subject, round by round
 */
export async function compare(name, subjects, { rounds = 11, iterations = 1, unit = 'ns', warmup = 2 } = {}) {
  const names = Object.keys(subjects);
  const figures = Object.fromEntries(names.map((subject) => [subject, []]));
  for (let round = -warmup; round < rounds; round++) {
    // Every other round goes backwards, so that nobody always comes after the same neighbour.
    for (const subject of round % 2 === 0 ? names : names.toReversed()) {
      globalThis.gc?.();
      const started = process.hrtime.bigint();
      const returned = await subjects[subject](iterations);
      const elapsed = Number(process.hrtime.bigint() - started) / iterations;
      if (round >= 0) figures[subject].push(unit === 'ns' ? elapsed : returned);
    }
  }
  const [first] = names;
  const results = Object.fromEntries(
    names.map((subject) => {
      const values = figures[subject];
      const ratio = median(values.map((value, round) => value / figures[first][round]));
      return [subject, { median: median(values), min: Math.min(...values), max: Math.max(...values), ratio }];
    }),
  );
  report(name, results, unit);
  return results;
}

/** Prints a table and keeps it as JSON. */
export function report(name, results, unit) {
  console.log(`\n${name} (${unit}, median of rounds; ratio to the first)`);
  const width = Math.max(...Object.keys(results).map((subject) => subject.length));
  for (const [subject, { median: middle, min, max, ratio }] of Object.entries(results)) {
    const figure = (value) => value.toFixed(value < 10 ? 2 : 0).padStart(9);
    console.log(
      `  ${subject.padEnd(width)} ${figure(middle)}  [${figure(min).trim()} … ${figure(max).trim()}]${Number.isNaN(ratio) ? '' : `  × ${ratio.toFixed(3)}`}`,
    );
  }
  keep(name, { name, unit, node: process.version, results });
}

/**
 * Prints the p50, p95, and maximum of each list of figures and keeps them as JSON.
 * @param samples name → what was measured, one figure per run
 */
export function percentiles(name, samples, unit = 'ms') {
  console.log(`\n${name} (${unit})`);
  const width = Math.max(...Object.keys(samples).map((subject) => subject.length));
  const results = {};
  for (const [subject, values] of Object.entries(samples)) {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share) => sorted[Math.ceil(sorted.length * share) - 1];
    results[subject] = { runs: values.length, p50: at(0.5), p95: at(0.95), max: at(1) };
    const figures = Object.entries(results[subject]).map(
      ([label, value]) => `${label} ${label === 'runs' ? value : value.toFixed(1)}`,
    );
    console.log(`  ${subject.padEnd(width)}  ${figures.join('  ')}`);
  }
  keep(name, { name, unit, node: process.version, results });
}

function keep(name, content) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name.replace(/[^a-z0-9]+/gi, '-')}.json`), JSON.stringify(content, null, 2));
}
