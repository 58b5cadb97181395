import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '@waygate/core';
import type { HostConnection } from '../http/host-request.js';

/** Takes a request over and returns `true`, or leaves it to the app. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse, host: () => HostConnection) => boolean;

/** What is used of Nest's adapter. */
export interface HostAdapter {
  getType(): string;
  getInstance(): unknown;
  use(handler: (request: MiddieRequest, response: ServerResponse, next: () => void) => void): unknown;
}

interface ExpressRequest extends IncomingMessage {
  readonly ip?: string;
  readonly secure: boolean;
}
interface ExpressApp {
  use(handler: (request: ExpressRequest, response: ServerResponse, next: () => void) => void): void;
  readonly router?: { readonly stack?: unknown[] };
}

/** What `@fastify/middie` gives to middleware: the raw request, with what Fastify made of it. */
interface MiddieRequest extends IncomingMessage {
  readonly ip?: string;
  readonly protocol?: string;
}
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly ip?: string;
  readonly protocol: string;
}
interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): void;
}
interface FastifyApp {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): void;
}

/**
 * Offers every request to an interceptor before the app does anything with it: before its body is read, before any middleware of the app,
 * and before it is known whether a route answers to it.
 * @throws {ConfigurationError} on other platforms
 */
export function interceptRequests(adapter: HostAdapter, intercept: Interceptor): void {
  const type = adapter.getType();
  if (type === 'express') return interceptExpress(adapter.getInstance() as ExpressApp, intercept);
  if (type === 'fastify') return interceptFastify(adapter, intercept);
  throw new ConfigurationError(`The admin runs on Express and Fastify; the HTTP adapter of this app is '${type}'.`);
}

function interceptExpress(app: ExpressApp, intercept: Interceptor): void {
  app.use((request, response, next) => {
    const host = () => ({ ip: request.ip ?? null, secure: request.secure });
    if (!intercept(request, response, host)) next();
  });
  // Whatever is there already (an adapter prepared by the app) may read the body: ours comes first.
  const stack = app.router?.stack;
  const layer = stack?.pop();
  if (layer !== undefined) stack?.unshift(layer);
}

function interceptFastify(adapter: HostAdapter, intercept: Interceptor): void {
  // Nest runs middleware from a hook of its own that is there already; among it, ours is the first.
  adapter.use((request, response, next) => {
    const host = () => ({ ip: request.ip ?? null, secure: request.protocol === 'https' });
    if (!intercept(request, response, host)) next();
  });
  // And where an app goes without middleware, or has none on some path.
  (adapter.getInstance() as FastifyApp).addHook('onRequest', (request, reply, done) => {
    const host = () => ({ ip: request.ip ?? null, secure: request.protocol === 'https' });
    if (intercept(request.raw, reply.raw, host)) reply.hijack();
    else done();
  });
}
