import express, { type Express } from 'express';
import fastify, { type FastifyInstance } from 'fastify';
import { waygateRoute } from './express.js';
import { waygatePlugin } from './fastify.js';
import type { Waygate } from './waygate.js';

export async function expressApp(waygate: Waygate): Promise<Express> {
  await waygate.register({
    'GET:/payments': {},
    'GET:/reports': { rateLimits: [{ limit: '2/minute' }] },
  });
  const app = express();
  app.get('/payments', waygateRoute(waygate, 'GET:/payments'), (_request, response) => void response.json({ payments: ['p-1'] }));
  app.get('/reports', waygateRoute(waygate, 'GET:/reports'), (_request, response) => void response.json({ reports: [] }));
  return app;
}

export async function fastifyApp(waygate: Waygate): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(waygatePlugin, { waygate });
  app.get('/payments/:id', async (request) => request.params);
  app.get('/reports', { config: { waygate: { rateLimits: [{ limit: '2/minute' }] } } }, async () => ({ reports: [] }));
  return app;
}
