import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { callerOf, type RouteRules, type Waygate } from './waygate.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the code says about the route. */
    readonly waygate?: RouteRules;
  }
}

/** Covers every route that is added after it, by the template it is added with. */
export const waygatePlugin = plugin(
  async (app: FastifyInstance, { waygate }: { readonly waygate: Waygate }) => {
    const rules: Record<string, RouteRules> = {};
    app.addHook('onRoute', ({ method, url, config }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') rules[`${one}:${url}`] = config?.waygate ?? {};
    });
    app.addHook('onReady', () => waygate.register(rules));
    app.addHook('onRequest', async (request, reply) => {
      const { url } = request.routeOptions;
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const apiKey = request.headers['x-api-key'];
      const caller = callerOf(request, request.ip, typeof apiKey === 'string' ? apiKey : undefined);
      const [path = ''] = request.url.split('?');
      const refusal = url === undefined ? null : await waygate.check(`${method}:${url}`, path, method, caller);
      if (refusal !== null) return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
    });
    app.addHook('onClose', () => waygate.close());
  },
  { name: 'waygate' },
);
