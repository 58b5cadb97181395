import type { AddressInfo } from 'node:net';
import { WaygateServerBackend } from '@waygate/client/backend';
import type { WaygateEngineOptions } from '@waygate/core';
import { expressApp, fastifyApp } from './apps.js';
import { createWaygate } from './waygate.js';

const { PORT = '3000', FASTIFY_PORT = '3001', WAYGATE_SERVER_URL: url, WAYGATE_TOKEN: token } = process.env;

/** One service each: their routes are listed apart. */
function options(service: string): WaygateEngineOptions {
  if (url === undefined) return {};
  return { service, backend: new WaygateServerBackend({ url, appId: service, ...(token === undefined ? {} : { token }) }) };
}

const inExpress = await createWaygate(options('express-example'));
const inFastify = await createWaygate(options('fastify-example'));
const server = (await expressApp(inExpress)).listen(Number(PORT), () => {
  console.log(`Express at http://localhost:${(server.address() as AddressInfo).port}/payments`);
});
const fastify = await fastifyApp(inFastify);
console.log(`Fastify at ${await fastify.listen({ port: Number(FASTIFY_PORT) })}/payments/1`);

process.once('SIGTERM', () => {
  server.close();
  void Promise.all([inExpress.close(), fastify.close()]);
});
