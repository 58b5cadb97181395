// The official OpenFeature client with our provider and with the SDK's own in memory, side by side: the client costs the same whatever
// the provider, so ours must not be slower. `node bench/openfeature.mjs`, after a build.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../libs/nestjs/package.json', import.meta.url));
const { InMemoryProvider, OpenFeature } = require('@openfeature/server-sdk');
const { MemoryBackend, WaygateEngine } = require('./dist/index.js');
const { WaygateProvider } = require('./dist/openfeature/index.js');

const ROUNDS = 15;
const EVALUATIONS = 20_000;

const engine = new WaygateEngine({ backend: new MemoryBackend() });
await engine.open();
await engine.flags.create({
  key: 'flag',
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  fallthrough: 'on',
});
await OpenFeature.setProviderAndWait('ours', new WaygateProvider(engine));
await OpenFeature.setProviderAndWait(
  'memory',
  new InMemoryProvider({ flag: { variants: { on: true, off: false }, defaultVariant: 'on', disabled: false } }),
);
const context = { targetingKey: 'ann', plan: 'pro' };
const candidates = {
  'official client, WaygateProvider': OpenFeature.getClient('ours'),
  'official client, InMemoryProvider': OpenFeature.getClient('memory'),
  'engine.flagClient': engine.flagClient,
};

async function nsPerEvaluation(client) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < EVALUATIONS; i++) await client.getBooleanValue('flag', false, context);
  return Number(process.hrtime.bigint() - start) / EVALUATIONS;
}

const figures = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  // Turns change places, so that no candidate always comes after the same one.
  const names = Object.keys(candidates);
  const order = [...names.slice(round % names.length), ...names.slice(0, round % names.length)];
  for (const name of order) figures[name].push(await nsPerEvaluation(candidates[name]));
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const base = median(figures['official client, InMemoryProvider']);
for (const [name, values] of Object.entries(figures)) {
  const ns = median(values);
  console.log(`${name.padEnd(36)} ${(ns / 1_000).toFixed(2).padStart(7)} µs   ${(ns / base).toFixed(2)} × InMemoryProvider`);
}
await OpenFeature.clearProviders();
await engine.close();
