// One of several processes on the same Redis, driven by messages: `fork(path, [url, name])`. Every process has the same five routes.
import { WaygateEngine } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';

const [url, name] = process.argv.slice(2);
const KEYS = ['GET:/r0', 'GET:/r1', 'GET:/r2', 'GET:/r3', 'GET:/r4'];
const now = () => performance.timeOrigin + performance.now();

// A Redis that is there is waited for, however busy the machine is.
const engine = new WaygateEngine({ backend: new RedisBackend(url, { auditCapacity: 100_000 }), initTimeout: 60_000 });
await engine.open();
await engine.routes.register(KEYS.map((key) => ({ key, declaration: {} })));

let written = 0;
const tasks = {
  /** Disables routes, one after the other, and says of each change whether it was acknowledged; no token comes twice. */
  async write({ count, key }) {
    for (let i = 0; i < count; i++) {
      const token = `${name}-${written++}`;
      const began = now();
      try {
        await engine.routes.disable(key ?? KEYS[Math.floor(Math.random() * KEYS.length)], { reason: token, actor: name });
        process.send({ kind: 'acknowledged', token, began });
      } catch (error) {
        process.send({ kind: 'failed', token, message: error.message });
      }
    }
    process.send({ kind: 'written' });
  },
  /** Tells what requests meet, as soon as it changes. */
  observe({ key }) {
    engine.events.on('change', () => process.send({ kind: 'decided', reason: engine.decide(key).reason, at: now() }));
  },
  async state() {
    const views = await Promise.all(KEYS.map((key) => engine.routes.get(key)));
    const routes = views.map(({ key, revision }) => [key, engine.decide(key).reason, revision]);
    process.send({ kind: 'state', state: JSON.stringify({ revision: engine.revision, routes }), status: engine.health.status });
  },
};
process.on('message', ({ task, ...options }) => void tasks[task](options));
process.on('disconnect', () => process.exit());
process.send({ kind: 'ready' });
