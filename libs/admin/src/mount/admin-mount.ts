import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Inject,
  Injectable,
  Logger,
  type DynamicModule,
  type INestApplication,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { WaygateEngine } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { interceptRequests, type HostAdapter } from './host-platform.js';
import { rememberHostRequest, type AdminHandler, type HostConnection } from '../http/host-request.js';
import { startQuietly } from './quiet-start.js';

type Express = AdminHandler & { set(name: string, value: unknown): void; readonly router: { caseSensitive: boolean } };

/** Injection token of the root module of the admin's own Nest application. */
export const MOUNTED_MODULE = Symbol('MOUNTED_MODULE');

/**
 * Mounts the admin beside the app's own routes.
 *
 * The admin is a Nest application of its own that never listens: requests below its path are handed to it as they come from the socket,
 * before the host does anything with them. So nothing global in the host (guards, pipes, filters, interceptors, prefix, versioning,
 * body parsers, Waygate's own enforcement) can touch it, and nothing of the admin can touch the host: no discipline of exceptions lists,
 * two routers. Its pipeline is always Express, so that it behaves the same wherever it is mounted.
 */
@Injectable()
export class AdminMount implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  #admin: INestApplication | undefined;
  #handler: AdminHandler | undefined;
  #mounted = false;
  readonly #logger = new Logger('WaygateAdmin', { timestamp: true });
  readonly #root: string;
  /** Where remote evaluation answers beside the admin; `null` = nowhere. */
  readonly #ofrep: string | null;

  constructor(
    private readonly engine: WaygateEngine,
    adapterHost: HttpAdapterHost,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
    @Inject(MOUNTED_MODULE) private readonly module: DynamicModule,
  ) {
    this.#root = rootOf(config.path);
    this.#ofrep = config.ofrep.path === null ? null : `${rootOf(config.ofrep.path)}/ofrep/`;
    // As soon as there is an adapter, so as to come before the app's parsers and middleware. Without HTTP there never is one.
    this.#mountOn(adapterHost);
    if (!this.#mounted) adapterHost.init$.subscribe(() => this.#mountOn(adapterHost));
  }

  async onModuleInit(): Promise<void> {
    if (!this.#mounted) return;
    if (this.config.stats) this.engine.stats.start();
    await startQuietly(() => this.#start());
    this.#logger.log(`Dashboard and admin API at ${this.#root === '' ? '/' : this.#root}`);
  }

  /** The app is about to stop taking connections: streams must not keep it from it. */
  onModuleDestroy(): void {
    this.engine.endStreams();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#admin?.close();
  }

  async #start(): Promise<void> {
    const adapter = new ExpressAdapter();
    const admin = await NestFactory.create(this.module, adapter, {
      bodyParser: false,
      abortOnError: false,
      // What the app buffers is for the app to flush.
      autoFlushLogs: false,
    });
    admin.setGlobalPrefix(this.config.path);
    const express = adapter.getInstance<Express>();
    express.set('x-powered-by', false);
    express.set('etag', false);
    express.set('query parser', 'simple');
    // The setting for it comes too late: the adapter has made the router already.
    express.router.caseSensitive = true;
    await admin.init();
    this.#admin = admin;
    this.#handler = express;
  }

  #mountOn(adapterHost: HttpAdapterHost): void {
    const adapter = adapterHost.httpAdapter as HostAdapter | null | undefined;
    if (adapter === null || adapter === undefined) return;
    this.#mounted = true;
    interceptRequests(adapter, (request, response, host) => this.#intercept(request, response, host));
  }

  #intercept(request: IncomingMessage, response: ServerResponse, connection: () => HostConnection): boolean {
    const { url = '/' } = request;
    const target = this.#targetOf(url);
    if (target === null) return false;
    rememberHostRequest(request, { ...connection(), url });
    if (target !== url) Object.assign(request, { url: target, originalUrl: target });
    // Nest's CORS comes first on Fastify: what it allows sites to read is the app's, not the admin's.
    for (const name of response.getHeaderNames()) if (name.startsWith('access-control-')) response.removeHeader(name);
    if (this.#handler === undefined)
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' }).end('{"error":"Starting"}');
    else this.#handler(request, response);
    return true;
  }

  /** The URL as the admin knows it; `null` = it is the host's. */
  #targetOf(url: string): string | null {
    if (this.#isBelow(url)) return url;
    return this.#ofrep !== null && url.startsWith(this.#ofrep) ? `${this.#root}/ofrep/${url.slice(this.#ofrep.length)}` : null;
  }

  /** Whether the URL is the mount path or lies below it, as it is written: other spellings are the host's, which knows nothing there. */
  #isBelow(url: string): boolean {
    if (!url.startsWith(this.#root)) return false;
    const next = url[this.#root.length];
    return this.#root === '' || next === undefined || next === '/' || next === '?';
  }
}

function rootOf(path: string): string {
  return path === '' ? '' : `/${path}`;
}
