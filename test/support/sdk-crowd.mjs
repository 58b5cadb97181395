// Many processes of a service in one: each with its engine and its own connections.
import { WaygateServerBackend } from '@waygate/client/backend';
import { WaygateEngine } from '@waygate/core';

const { url, token, count } = JSON.parse(process.env.CROWD ?? '{}');
const engines = Array.from(
  { length: count },
  () =>
    new WaygateEngine({ backend: new WaygateServerBackend({ url, token, appId: 'shop' }), service: 'shop', initTimeout: 30_000 }),
);
await Promise.all(engines.map((engine) => engine.open()));
const tell = () => process.send({ ready: engines.filter(({ health }) => health.status === 'ready').length });
setInterval(tell, 20);
tell();
process.on('disconnect', () => process.exit(0));
