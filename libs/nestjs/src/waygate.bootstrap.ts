import { Inject, Injectable, type OnApplicationShutdown, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { ConfigurationError, InvalidLimitError, ValidationError, WaygateEngine } from '@waygate/core';
import { attachAnswerFilter } from './responses/answer.filter.js';
import { attachFlagGuard } from './flags/flag.guard.js';
import { FlagScope, FlagScopeGuard } from './flags/flag-scope.js';
import { variantDeclaration } from './decorators/route-variant.decorator.js';
import { usesFlagDecorators } from './flags/uses-flag-decorators.js';
import { attachVariantGuard } from './flags/variant.guard.js';
import { attachIdentityGuard } from './enforcement/identity.guard.js';
import { WaygateGuard } from './enforcement/waygate.guard.js';
import { RouteExplorer } from './routes/route-explorer.js';
import { RouteEntry, RouteRegistry, type DiscoveredRoute } from './routes/route-registry.js';
import { ThrottlerBridge } from './throttler/throttler-bridge.js';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from './config/waygate.options.js';

const CHOICES = {
  enforcement: ['global', 'manual'],
  envGate: ['not-found', 'forbidden'],
  headers: ['legacy', 'standard', 'both', 'none'],
} as const;

/** @throws {ConfigurationError} naming the option */
function checkChoices(options: WaygateModuleOptions): void {
  for (const option of ['enforcement', 'envGate', 'headers'] as const) {
    const given: string | undefined = options[option];
    const choices: readonly string[] = CHOICES[option];
    if (given === undefined || choices.includes(given)) continue;
    const known = choices.map((choice) => `'${choice}'`);
    throw new ConfigurationError(
      `Option '${option}' must be ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, got '${String(given)}'.`,
    );
  }
}

/** Brings Waygate into the app's life: hooks in before the router is built, registers the routes, opens and closes the engine. */
@Injectable()
export class WaygateBootstrap implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly explorer: RouteExplorer,
    private readonly registry: RouteRegistry,
    config: ApplicationConfig,
    guard: WaygateGuard,
    private readonly throttlers: ThrottlerBridge,
    private readonly flags: FlagScope,
    @Inject(WAYGATE_OPTIONS) private readonly options: WaygateModuleOptions,
  ) {
    const { enforcement = 'global' } = options;
    checkChoices(options);
    const handlers = [...explorer.handlers()];
    const usesFlags = flags.contexts.isUsed || handlers.some(usesFlagDecorators);
    for (const { handler } of handlers) {
      attachAnswerFilter(handler);
      if (usesFlags) attachFlagGuard(handler);
      if (variantDeclaration(handler) !== undefined) continue;
      attachIdentityGuard(handler);
      if (usesFlags) attachVariantGuard(handler);
    }
    if (usesFlags) config.getGlobalGuards().unshift(new FlagScopeGuard(flags));
    // In a constructor this comes before any guard of the app, wherever the app imports the module.
    if (enforcement === 'global') config.getGlobalGuards().unshift(guard);
  }

  async onModuleInit(): Promise<void> {
    await this.engine.open();
    const routes = this.#routes();
    const handles = await this.engine.routes.register(
      routes.map(({ key, declaration: { responders: _responders, rateLimits: _limits, ...declaration } }) => ({
        key,
        declaration,
      })),
    );
    routes.forEach((route, index) => {
      const handle = handles[index];
      if (handle === undefined) return;
      const limits = handle.forceActive ? null : this.engine.rateLimits.declare(handle.key, route.declaration.rateLimits ?? []);
      this.registry.add(new RouteEntry(handle, limits, route));
    });
    this.flags.variants.join();
    await this.engine.rateLimits.synchronise();
  }

  onModuleDestroy(): void {
    this.engine.endStreams();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }

  #routes(): readonly DiscoveredRoute[] {
    const routes = [...this.explorer.routes()].map((route) => this.#withThrottlers(route));
    for (const route of routes) this.#check(route);
    return routes;
  }

  /** The route with the limits of `@nestjs/throttler`, where Waygate takes over from its guard. */
  #withThrottlers(route: DiscoveredRoute): DiscoveredRoute {
    const { throttler = false } = this.options;
    if (throttler === false || route.declaration.forceActive === true) return route;
    const rateLimits = [
      ...(route.declaration.rateLimits ?? []),
      ...this.throttlers.declarationsFor(route.controller, route.handler),
    ];
    return rateLimits.length === 0 ? route : { ...route, declaration: { ...route.declaration, rateLimits } };
  }

  /** @throws {ConfigurationError} naming class and method */
  #check({ controller, methodName, key, declaration }: DiscoveredRoute): void {
    try {
      this.engine.routes.check({ key, declaration });
      this.engine.rateLimits.check(declaration.rateLimits ?? []);
      if (declaration.forceActive === true && declaration.rateLimits !== undefined) {
        throw new ValidationError('forceActive', "contradicts 'rateLimits': a route cannot be always on and limited; keep one");
      }
    } catch (error) {
      if (!(error instanceof ValidationError) && !(error instanceof InvalidLimitError)) throw error;
      const problem = error.message.endsWith('.') ? error.message : `${error.message}.`;
      throw new ConfigurationError(`${(controller as { name: string }).name}.${methodName} (${key}): ${problem}`, {
        cause: error,
      });
    }
  }
}
