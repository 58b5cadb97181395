import { Logger, Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { WaygateServerBackend } from '@waygate/client/backend';
import { WaygateModule } from '../waygate.module.js';
import type { WaygateModuleOptions } from '../config/waygate.options.js';
import { COUNTS_ALONE } from './messages.js';
import type { WaygateSdkOptions } from './waygate-sdk.options.js';

/** Options of {@link WaygateSdkModule.forRootAsync}. */
export interface WaygateSdkAsyncOptions extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider, 'inject'> {
  /** Returns the options. It gets the providers that `inject` names. */
  readonly useFactory: (...dependencies: never[]) => WaygateSdkOptions | Promise<WaygateSdkOptions>;
}

/**
 * Adds Waygate to an app that is one of the services of a Waygate server. Import it once, in the root module, instead of
 * `WaygateModule`. The app decides by what it last received from the server and never waits for it, not even to start.
 *
 * @example
 * ```ts no-run: needs a Waygate server
 * @Module({
 *   imports: [
 *     WaygateSdkModule.forRoot({
 *       serverUrl: 'https://waygate.example',
 *       appId: 'payments',
 *       token: process.env['WAYGATE_TOKEN'],
 *       snapshotPath: '/var/lib/payments/waygate.snapshot',
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class WaygateSdkModule {
  /**
   * Configures the connection to the server and everything that `WaygateModule.forRoot` takes, except the backend.
   * @throws {ConfigurationError} naming the option that is invalid
   *
   * @example
   * ```ts no-run: needs a Waygate server
   * @Module({ imports: [WaygateSdkModule.forRoot({ serverUrl: 'https://waygate.example', appId: 'payments' })] })
   * export class AppModule {}
   * ```
   */
  static forRoot(options: WaygateSdkOptions): DynamicModule {
    return sdk(WaygateModule.forRoot(moduleOptions(options)));
  }

  /**
   * Configures the connection with options that depend on other providers. Boot fails with `ConfigurationError` when an option is invalid.
   *
   * @example
   * ```ts no-run: needs a Waygate server
   * @Module({
   *   imports: [
   *     WaygateSdkModule.forRootAsync({
   *       useFactory: () => ({ serverUrl: 'https://waygate.example', appId: 'payments', token: process.env['WAYGATE_TOKEN'] }),
   *     }),
   *   ],
   * })
   * export class AppModule {}
   * ```
   */
  static forRootAsync({ imports = [], inject = [], useFactory }: WaygateSdkAsyncOptions): DynamicModule {
    return sdk(
      WaygateModule.forRootAsync({
        imports,
        inject,
        useFactory: async (...dependencies: unknown[]) => moduleOptions(await useFactory(...(dependencies as never[]))),
      }),
    );
  }
}

function sdk(waygate: DynamicModule): DynamicModule {
  return { module: WaygateSdkModule, imports: [waygate] };
}

function moduleOptions(options: WaygateSdkOptions): WaygateModuleOptions {
  const { serverUrl, appId, token, username, password, ca, reconnectDelay, flagsInterval, instanceId, version, ...rest } =
    options;
  if (rest.counterStore === undefined) new Logger('Waygate').log(COUNTS_ALONE);
  const connection = { token, username, password, ca, reconnectDelay, flagsInterval, instanceId, version };
  const backend = new WaygateServerBackend({ url: serverUrl, appId, ...connection });
  return { ...rest, service: appId, backend };
}
