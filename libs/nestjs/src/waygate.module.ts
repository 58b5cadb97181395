import { ConfigurableModuleBuilder, Inject, Module, type DynamicModule, type NestModule } from '@nestjs/common';
import { HttpAdapterHost, MetadataScanner } from '@nestjs/core';
import { WaygateEngine, type FlagClient } from '@waygate/core';
import { Enforcement } from './enforcement/enforcement.js';
import { HiddenRoutes } from './enforcement/hidden-routes.js';
import { UnknownPaths } from './enforcement/unknown-paths.js';
import { WaygateGuard } from './enforcement/waygate.guard.js';
import { FlagContext } from './flags/flag-context.js';
import { FlagScope } from './flags/flag-scope.js';
import { WAYGATE_FLAGS } from './flags/inject-flags.decorator.js';
import { RequestContexts } from './flags/request-contexts.js';
import { RouteVariants } from './flags/route-variants.js';
import { HealthLog } from './health/health-log.js';
import { RouteExplorer } from './routes/route-explorer.js';
import { RouteRegistry } from './routes/route-registry.js';
import { ThrottlerBridge } from './throttler/throttler-bridge.js';
import { WaygateBootstrap } from './waygate.bootstrap.js';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from './config/waygate.options.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<WaygateModuleOptions>({
  optionsInjectionToken: WAYGATE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

/**
 * Adds Waygate to an app. Import it once, in the root module. It is global, covers every route of the app, and provides
 * {@link WaygateEngine}, {@link FlagContext}, and the client that `@InjectFlags()` injects.
 *
 * @example
 * ```ts
 * @Module({ imports: [WaygateModule.forRoot({ environment: process.env['APP_ENV'] })] })
 * export class AppModule {}
 * ```
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     WaygateModule.forRootAsync({
 *       useFactory: () => ({ backend: new MemoryBackend(), headers: 'standard' as const }),
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({
  providers: [
    {
      provide: WaygateEngine,
      useFactory: (options: WaygateModuleOptions) => new WaygateEngine(options),
      inject: [WAYGATE_OPTIONS],
    },
    MetadataScanner,
    RouteExplorer,
    RouteRegistry,
    Enforcement,
    WaygateGuard,
    HiddenRoutes,
    UnknownPaths,
    ThrottlerBridge,
    RequestContexts,
    FlagContext,
    RouteVariants,
    FlagScope,
    HealthLog,
    {
      provide: WAYGATE_FLAGS,
      useFactory: (engine: WaygateEngine, contexts: RequestContexts): FlagClient =>
        contexts.isUsed ? engine.flagClient.setTransactionContext(() => contexts.get()) : engine.flagClient,
      inject: [WaygateEngine, RequestContexts],
    },
    WaygateBootstrap,
  ],
  exports: [WaygateEngine, Enforcement, FlagContext, WAYGATE_FLAGS],
})
export class WaygateModule extends ConfigurableModuleClass implements NestModule {
  constructor(
    private readonly unknownPaths: UnknownPaths,
    private readonly flags: FlagScope,
    private readonly adapterHost: HttpAdapterHost,
    @Inject(WAYGATE_OPTIONS) private readonly options: WaygateModuleOptions,
  ) {
    super();
  }

  /**
   * Configures Waygate. For options that depend on other providers use `forRootAsync({ imports, inject, useFactory })`.
   *
   * Boot fails with `ConfigurationError` when an option, an environment variable, or a decorator is invalid.
   *
   * @param options default: state in memory, environment `dev`, every route covered
   *
   * @example
   * ```ts
   * @Module({ imports: [WaygateModule.forRoot({ backend: new MemoryBackend(), envGate: 'forbidden' })] })
   * export class AppModule {}
   * ```
   */
  static override forRoot(options: WaygateModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /** Nest calls this when the HTTP adapter is known and no route is registered yet; there is no other such moment. */
  configure(): void {
    if (this.options.enforcement !== 'manual') this.unknownPaths.watch();
    // Without HTTP there is no adapter, and there are no requests.
    if ((this.adapterHost.httpAdapter as unknown) === undefined) return;
    const { contexts, enforcement, variants } = this.flags;
    if (contexts.isUsed) enforcement.platform.aroundRequests((request, goOn) => contexts.runWith(request, goOn));
    variants.watch();
  }
}
