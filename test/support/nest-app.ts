import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { MemoryBackend, WaygateEngine, WaygateModule, type WaygateModuleOptions } from '@waygate/nestjs';

export type PlatformName = 'express' | 'fastify';
export const PLATFORMS: readonly PlatformName[] = ['express', 'fastify'];

export interface RunningApp {
  readonly app: INestApplication;
  readonly engine: WaygateEngine;
  readonly url: string;
  readonly port: number;
  /** A request over a real socket; the body is read. */
  readonly request: (path: string, init?: RequestInit) => Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface StartOptions {
  readonly controllers?: readonly Type[];
  readonly waygate?: WaygateModuleOptions;
  readonly module?: ModuleMetadata;
  /** Called before the app listens. */
  readonly configure?: (app: INestApplication) => void;
  /** Options of the web framework's router, e.g. Fastify's `routerOptions`. */
  readonly adapter?: Record<string, unknown>;
}

/** Boots an app on a free port. */
export async function startApp(platform: PlatformName, options: StartOptions): Promise<RunningApp> {
  const { controllers = [], waygate = {}, module = {}, configure, adapter = {} } = options;
  const testing = await Test.createTestingModule({
    ...module,
    imports: [
      WaygateModule.forRoot({ backend: new MemoryBackend(), environment: 'test', ...waygate }),
      ...(module.imports ?? []),
    ],
    controllers: [...controllers, ...(module.controllers ?? [])],
  }).compile();
  const app = testing.createNestApplication(platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(adapter), {
    logger: false,
  });
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    engine: app.get(WaygateEngine),
    url,
    port,
    async request(path, init) {
      const response = await fetch(url + path, { redirect: 'manual', ...init });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
}

/** Sends a request line as it is, where `fetch` would tidy it up. @returns the status */
export function rawRequest(port: number, target: string, method = 'GET', host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('end', () => resolve(Number(received.slice(9, 12))));
    socket.on('error', reject);
  });
}
