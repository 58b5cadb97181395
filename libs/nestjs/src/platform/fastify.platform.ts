import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { NodeEventStream } from './node-event-stream.js';
import { onFinish } from './on-finish.js';
import type { BeforeBody, EventStream, Platform } from './platform.js';

interface FastifyRequest {
  readonly method: string;
  readonly originalUrl: string;
  /** No route answers to the request. */
  readonly is404: boolean;
  readonly routeOptions?: { readonly url?: string };
  readonly raw: IncomingMessage;
}

interface FastifyReply {
  readonly sent: boolean;
  readonly raw: ServerResponse;
  header(name: string, value: string): FastifyReply;
  getHeader(name: string): number | string | string[] | undefined;
  removeHeader(name: string): FastifyReply;
  getHeaders(): Record<string, number | string | string[] | undefined>;
  code(status: number): FastifyReply;
  send(body?: unknown): FastifyReply;
  callNotFound(): FastifyReply;
  hijack(): FastifyReply;
}

interface FastifyApp {
  addHook(
    name: 'onRequest' | 'preValidation',
    hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void,
  ): void;
  addHook(
    name: 'preParsing',
    hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: () => void) => void,
  ): void;
}

export class FastifyPlatform implements Platform {
  constructor(private readonly adapter: AbstractHttpAdapter) {}

  registeredPath(request: unknown): string | undefined {
    return (request as FastifyRequest).routeOptions?.url;
  }

  requestPath(request: unknown): string {
    const { originalUrl } = request as FastifyRequest;
    const query = originalUrl.indexOf('?');
    return query === -1 ? originalUrl : originalUrl.slice(0, query);
  }

  method(request: unknown): string {
    return (request as FastifyRequest).method;
  }

  setHeader(response: unknown, name: string, value: string): void {
    (response as FastifyReply).header(name, value);
  }

  setLegacyLimit(response: unknown, limit: string, remaining: string, reset: string): void {
    // In the case Fastify keeps names in: turning them into it costs more than setting them.
    const reply = response as FastifyReply;
    reply.header('x-ratelimit-limit', limit);
    reply.header('x-ratelimit-remaining', remaining);
    reply.header('x-ratelimit-reset', reset);
  }

  appendHeader(response: unknown, name: string, value: string): void {
    const reply = response as FastifyReply;
    const present = reply.getHeader(name);
    reply.header(name, present === undefined ? value : `${String(present)}, ${value}`);
  }

  removeHeader(response: unknown, name: string): void {
    (response as FastifyReply).removeHeader(name);
  }

  aroundRequests(around: (request: unknown, goOn: () => void) => void): void {
    const app = this.adapter.getInstance<FastifyApp>();
    app.addHook('onRequest', (request, _reply, done) => around(request, done));
    // Reading a body goes on in events of the socket, which know nothing of what was around the hook before.
    app.addHook('preValidation', (request, _reply, done) => around(request, done));
  }

  beforeBody({ hides, answerUnknown }: BeforeBody): void {
    // After all hooks that see every request. Fastify reads bodies of unknown paths too, and says what is wrong with them.
    this.adapter.getInstance<FastifyApp>().addHook('preParsing', (request, reply, _payload, done) => {
      if (request.is404) answerUnknown(request, reply);
      else if (hides(request, reply)) reply.callNotFound();
      else done();
    });
  }

  /** Fastify reads the whole URL before it looks for a route. */
  isUnreadablePath(): boolean {
    return false;
  }

  onAnswered(response: unknown, listener: (status: number) => void): void {
    onFinish((response as FastifyReply).raw, listener);
  }

  isAnswered(response: unknown): boolean {
    return (response as FastifyReply).sent;
  }

  send(response: unknown, status: number, contentType: string | null, body: string): void {
    const reply = (response as FastifyReply).code(status);
    if (contentType !== null) reply.header('content-type', contentType);
    reply.send(body);
  }

  answerUnknownPath(_request: unknown, response: unknown): void {
    (response as FastifyReply).callNotFound();
  }

  raise(error: Error): void {
    throw error;
  }

  openEventStream(_request: unknown, response: unknown): EventStream {
    const reply = response as FastifyReply;
    const headers = reply.getHeaders();
    reply.hijack();
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    return new NodeEventStream(reply.raw);
  }
}
