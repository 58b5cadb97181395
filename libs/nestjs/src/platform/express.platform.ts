import type { IncomingMessage, ServerResponse } from 'node:http';
import { NotFoundException } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { NodeEventStream } from './node-event-stream.js';
import { onFinish } from './on-finish.js';
import type { EventStream, Platform } from './platform.js';

type ExpressRequest = IncomingMessage & { readonly route?: { readonly path?: unknown }; readonly originalUrl?: string };
type Next = (error?: unknown) => void;

export class ExpressPlatform implements Platform {
  constructor(private readonly adapter: AbstractHttpAdapter) {}

  registeredPath(request: unknown): string | undefined {
    const path = (request as ExpressRequest).route?.path;
    return typeof path === 'string' ? path : undefined;
  }

  requestPath(request: unknown): string {
    const { originalUrl, url = '/' } = request as ExpressRequest;
    return withoutQuery(originalUrl ?? url);
  }

  method(request: unknown): string {
    return (request as ExpressRequest).method ?? 'GET';
  }

  setHeader(response: unknown, name: string, value: string): void {
    (response as ServerResponse).setHeader(name, value);
  }

  setLegacyLimit(response: unknown, limit: string, remaining: string, reset: string): void {
    const raw = response as ServerResponse;
    raw.setHeader('X-RateLimit-Limit', limit);
    raw.setHeader('X-RateLimit-Remaining', remaining);
    raw.setHeader('X-RateLimit-Reset', reset);
  }

  appendHeader(response: unknown, name: string, value: string): void {
    const present = (response as ServerResponse).getHeader(name);
    (response as ServerResponse).setHeader(name, present === undefined ? value : `${String(present)}, ${value}`);
  }

  removeHeader(response: unknown, name: string): void {
    (response as ServerResponse).removeHeader(name);
  }

  aroundRequests(around: (request: unknown, goOn: () => void) => void): void {
    this.adapter.use((request: unknown, _response: unknown, next: Next) => around(request, next));
  }

  /** Express apps read bodies before any route is looked for: unknown paths and others alike. */
  beforeBody(): void {}

  /** Parameters of a route are decoded when it matches: a path without such a route is never decoded. */
  isUnreadablePath(error: unknown): boolean {
    return error instanceof URIError && error.message.startsWith('Failed to decode param');
  }

  onAnswered(response: unknown, listener: (status: number) => void): void {
    onFinish(response as ServerResponse, listener);
  }

  isAnswered(response: unknown): boolean {
    return (response as ServerResponse).headersSent;
  }

  send(response: unknown, status: number, contentType: string | null, body: string): void {
    const raw = response as ServerResponse;
    raw.statusCode = status;
    if (contentType !== null) raw.setHeader('Content-Type', contentType);
    raw.setHeader('Content-Length', Buffer.byteLength(body));
    raw.end(body);
  }

  answerUnknownPath(request: unknown, _response: unknown, next: unknown): void {
    const method = this.adapter.getRequestMethod(request) as string;
    const url = this.adapter.getRequestUrl(request) as string;
    (next as Next)(new NotFoundException(`Cannot ${method} ${url}`));
  }

  raise(error: Error, next: unknown): void {
    (next as Next)(error);
  }

  openEventStream(_request: unknown, response: unknown): EventStream {
    return new NodeEventStream(response as ServerResponse);
  }
}

function withoutQuery(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
