import { Inject, Injectable, type OnApplicationShutdown, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { ConfigurationError, ValidationError, WaygateEngine } from '@waygate/core';
import { attachAnswerFilter } from './enforcement/answer.filter.js';
import { WaygateGuard } from './enforcement/waygate.guard.js';
import { RouteExplorer } from './routes/route-explorer.js';
import { RouteEntry, RouteRegistry, type DiscoveredRoute } from './routes/route-registry.js';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from './waygate.options.js';

/** Brings Waygate into the app's life: hooks in before the router is built, registers the routes, opens and closes the engine. */
@Injectable()
export class WaygateBootstrap implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly explorer: RouteExplorer,
    private readonly registry: RouteRegistry,
    config: ApplicationConfig,
    guard: WaygateGuard,
    @Inject(WAYGATE_OPTIONS) { enforcement = 'global' }: WaygateModuleOptions,
  ) {
    if (enforcement !== 'global' && enforcement !== 'manual') {
      throw new ConfigurationError(`Option 'enforcement' must be 'global' or 'manual', got '${String(enforcement)}'.`);
    }
    for (const { handler } of explorer.handlers()) attachAnswerFilter(handler);
    // In a constructor this comes before any guard of the app, wherever the app imports the module.
    if (enforcement === 'global') config.getGlobalGuards().unshift(guard);
  }

  async onModuleInit(): Promise<void> {
    await this.engine.open();
    const routes = this.#uniqueRoutes();
    const handles = await this.engine.routes.register(
      [...routes.values()].map(({ key, declaration: { responders: _responders, ...declaration } }) => ({ key, declaration })),
    );
    [...routes.values()].forEach((route, index) => {
      const handle = handles[index];
      if (handle !== undefined) this.registry.add(new RouteEntry(handle, route));
    });
  }

  onModuleDestroy(): void {
    this.engine.endStreams();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }

  #uniqueRoutes(): readonly DiscoveredRoute[] {
    const routes = [...this.explorer.routes()];
    for (const route of routes) this.#check(route);
    return routes;
  }

  /** @throws {ConfigurationError} naming class and method */
  #check({ controller, methodName, key, declaration }: DiscoveredRoute): void {
    try {
      this.engine.routes.check({ key, declaration });
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      throw new ConfigurationError(`${(controller as { name: string }).name}.${methodName} (${key}): ${error.message}.`, { cause: error });
    }
  }
}
