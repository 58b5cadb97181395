import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { NOOP_PROVIDER, OpenFeature } from '@openfeature/server-sdk';
import { WaygateEngine } from '@waygate/core';
import { FlagContext } from '../flags/flag-context.js';
import { WaygateProvider } from './waygate.provider.js';
import { WaygateTransactionContext } from './waygate-transaction-context.js';

/** Options of {@link WaygateOpenFeatureModule.forRoot}. */
export interface WaygateOpenFeatureOptions {
  /** Domain whose clients evaluate Waygate's flags: `OpenFeature.getClient('waygate')`. Default: `waygate`. */
  readonly domain?: string;
  /** Also makes Waygate the provider of all clients whose domain has none. Default: `false`. */
  readonly asDefault?: boolean;
  /** Gives clients of every domain the context of the request. The SDK has one propagator, and this replaces it. Default: `false`. */
  readonly propagateContext?: boolean;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<WaygateOpenFeatureOptions>({
  moduleName: 'WaygateOpenFeature',
})
  .setClassMethodName('forRoot')
  .build();

/**
 * Registers Waygate with the official OpenFeature SDK while the app runs. Providers that the app registered for other domains stay.
 *
 * @example
 * ```ts
 * @Module({ imports: [WaygateModule.forRoot(), WaygateOpenFeatureModule.forRoot({ domain: 'checkout' })] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class WaygateOpenFeatureModule extends ConfigurableModuleClass implements OnModuleInit, OnApplicationShutdown {
  readonly #provider: WaygateProvider;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: WaygateOpenFeatureOptions,
    engine: WaygateEngine,
    private readonly contexts: FlagContext,
  ) {
    super();
    this.#provider = new WaygateProvider(engine);
  }

  /**
   * Configures the registration. Import `WaygateModule` as well.
   * @param options default: domain `waygate`, nothing else
   *
   * @example
   * ```ts
   * @Module({ imports: [WaygateModule.forRoot(), WaygateOpenFeatureModule.forRoot({ asDefault: true, propagateContext: true })] })
   * export class AppModule {}
   * ```
   */
  static override forRoot(options: WaygateOpenFeatureOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  async onModuleInit(): Promise<void> {
    const { domain = 'waygate', asDefault = false, propagateContext = false } = this.options;
    if (propagateContext) OpenFeature.setTransactionContextPropagator(new WaygateTransactionContext(this.contexts));
    // Without a backend the app starts all the same. The client's status shows it.
    await OpenFeature.setProviderAndWait(domain, this.#provider).catch(() => undefined);
    if (asDefault) await OpenFeature.setProviderAndWait(this.#provider).catch(() => undefined);
  }

  onApplicationShutdown(): void {
    const { domain = 'waygate', asDefault = false } = this.options;
    if (OpenFeature.getProvider(domain) === this.#provider) OpenFeature.setProvider(domain, NOOP_PROVIDER);
    if (asDefault && OpenFeature.getProvider() === this.#provider) OpenFeature.setProvider(NOOP_PROVIDER);
  }
}
