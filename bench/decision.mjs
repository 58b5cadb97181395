// What one lifecycle decision costs, with 10 and with 100 000 routes, whether it leaves garbage, and how soon a change is in force.
import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { compare, median, report } from './harness.mjs';

let committed = 0n;
class TimedBackend extends MemoryBackend {
  async commit(changeSet) {
    committed = process.hrtime.bigint();
    return super.commit(changeSet);
  }
}

async function engineWith(routes) {
  const engine = new WaygateEngine({ backend: new TimedBackend() });
  await engine.open();
  const registrations = Array.from({ length: routes }, (_, i) => ({
    key: `GET:/service-${i % 100}/resource-${i}/:id`,
    declaration: i % 5 === 0 ? { maintenance: { reason: 'r' } } : i % 5 === 1 ? { deprecated: {} } : {},
  }));
  const handles = await engine.routes.register(registrations);
  return { engine, handles };
}

const few = await engineWith(10);
const many = await engineWith(100_000);
// Both visit ten handles in the same scattered order: what is compared is the cost of deciding, not that of a cold cache.
const ten = (handles) => Array.from({ length: 10 }, (_, i) => handles[Math.floor((i * handles.length) / 10)]);
const order = Int8Array.from({ length: 1024 }, (_, i) => (i * 7 + (i >> 3)) % 10);
const run = ({ engine, handles }) => {
  const picked = ten(handles);
  return (iterations) => {
    let blocked = 0;
    for (let i = 0; i < iterations; i++) if (engine.decide(picked[order[i & 1023]]).outcome === 'block') blocked++;
    return blocked;
  };
};
const iterations = 2_000_000;
const fewRun = run(few);
const manyRun = run(many);
await compare('decision by number of routes', { '10 routes': fewRun, '100 000 routes': manyRun }, { iterations });

globalThis.gc();
const before = process.memoryUsage().heapUsed;
fewRun(10_000_000);
globalThis.gc();
console.log(`\nheap after 10 million decisions: ${((process.memoryUsage().heapUsed - before) / 1024).toFixed(1)} KiB more`);

// From the commit to the new decision, in one process, the backend's own work included.
const { engine, handles } = many;
const waits = [];
engine.events.on('change', () => waits.push(Number(process.hrtime.bigint() - committed) / 1e6));
for (let i = 0; i < 300; i++) await engine.routes.disable(handles[(i * 331) % handles.length].key);
const counted = waits.slice(100);
report(
  'change among 100 000 routes in force',
  { 'commit to new decision': { median: median(counted), min: Math.min(...counted), max: Math.max(...counted), ratio: 1 } },
  'ms',
);
await Promise.all([few.engine.close(), many.engine.close()]);
