import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, Param, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WaygateAdminModule, type WaygateAdminOptions } from '@waygate/admin';
import { ForceActive, MemoryBackend, WaygateEngine, WaygateModule, type WaygateModuleOptions } from '@waygate/nestjs';
import { Conformance } from './conformance.js';
import type { Answer, PlatformName } from './nest-app.js';

export const SECRET = 'a secret key for tests only';
export const ADMIN = { username: 'admin', password: 'correct horse' } as const;

/** Routes with every shape that matters to keys. */
@Controller()
export class HostController {
  @Get('payments')
  payments(): object {
    return { ok: true };
  }

  @Get('items/:id')
  item(@Param('id') id: string): object {
    return { id };
  }

  @Get('vital')
  @ForceActive()
  vital(): object {
    return { ok: true };
  }
}

export interface AdminApp {
  readonly app: INestApplication;
  readonly engine: WaygateEngine;
  readonly url: string;
  readonly port: number;
  /** A request below the mount; an object becomes JSON. Rejects when the answer is not what the OpenAPI document says. */
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<AdminAnswer>;
  /** A request to the app itself. */
  readonly request: (path: string, init?: RequestInit) => Promise<Answer>;
  /** Signs in over HTTP. @returns headers that carry the token */
  readonly signIn: (username?: string, password?: string, more?: object) => Promise<Record<string, string>>;
}

interface AdminAnswer extends Answer {
  /** The body's JSON; `undefined` = it is none. */
  readonly json: unknown;
}

export interface AdminAppOptions {
  readonly admin?: Partial<WaygateAdminOptions>;
  readonly waygate?: WaygateModuleOptions;
  readonly controllers?: readonly Type[];
  readonly module?: ModuleMetadata;
  readonly configure?: (app: INestApplication) => void;
  readonly adapter?: Record<string, unknown>;
  /** Default: a free one. */
  readonly port?: number;
}

/** Boots an app with the admin on a free port, the way an app boots itself. */
export async function startAdmin(platform: PlatformName, options: AdminAppOptions = {}): Promise<AdminApp> {
  const { admin = {}, waygate = {}, controllers = [HostController], module = {}, configure, adapter = {} } = options;
  const path = admin.path ?? 'waygate';
  // Before the first connection: one that is idle while this loads may be closed just when it is used again.
  const documented = await Conformance.load();

  @Module({
    ...module,
    imports: [
      WaygateModule.forRoot({ backend: new MemoryBackend(), environment: 'test', ...waygate }),
      WaygateAdminModule.forRoot({ auth: ADMIN, secretKey: SECRET, ...admin }),
      ...(module.imports ?? []),
    ],
    controllers: [...controllers],
  })
  class HostModule {}

  const host = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(adapter);
  const app = await NestFactory.create(HostModule, host, { logger: ['fatal'], abortOnError: false });
  configure?.(app);
  await app.listen(options.port ?? 0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const request = async (target: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(url + target, { redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const call: AdminApp['call'] = async (method, target, body, headers = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const mount = path === '' ? '' : `/${path}`;
    const answer = await request(`${mount}${target}`, { method, headers, ...(text === undefined ? {} : { body: text }) });
    const json = jsonOf(answer.text);
    const problems = documented.problems({ method, path: target, sent: body, status: answer.status, json });
    if (problems.length > 0) throw new Error(`Not as the OpenAPI document says:\n${problems.join('\n')}`);
    return { ...answer, json };
  };
  const signIn: AdminApp['signIn'] = async (username = ADMIN.username, password = ADMIN.password, more = {}) => {
    const answer = await call('POST', '/api/auth/login', { username, password, ...more });
    if (answer.status !== 200) throw new Error(`Signing in: ${answer.status} ${answer.text}`);
    return { 'x-waygate-token': (answer.json as { token: string }).token };
  };
  return { app, engine: app.get(WaygateEngine), url, port, request, call, signIn };
}

/** The key of a route as it stands in URLs. */
export function pathKey(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
