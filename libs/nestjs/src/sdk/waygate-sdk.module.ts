import { Logger, Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { WaygateServerBackend } from '@waygate/client/backend';
import { WaygateModule } from '../waygate.module.js';
import type { WaygateModuleOptions } from '../config/waygate.options.js';
import { COUNTS_ALONE } from './messages.js';
import type { WaygateSdkOptions } from './waygate-sdk.options.js';

/** Options that need other providers. */
export interface WaygateSdkAsyncOptions extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider, 'inject'> {
  readonly useFactory: (...dependencies: never[]) => WaygateSdkOptions | Promise<WaygateSdkOptions>;
}

/**
 * `WaygateModule` for an app that is one of many services of a Waygate server: import it once, in the root module, instead of that.
 * It decides here, by what the server said last, and never waits for the server, not even to start.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     WaygateSdkModule.forRoot({
 *       serverUrl: 'https://waygate.example',
 *       appId: 'payments',
 *       token: process.env.WAYGATE_TOKEN,
 *       snapshotPath: '/var/lib/payments/waygate.snapshot',
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class WaygateSdkModule {
  /** @throws {ConfigurationError} naming the option that is wrong */
  static forRoot(options: WaygateSdkOptions): DynamicModule {
    return sdk(WaygateModule.forRoot(moduleOptions(options)));
  }

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
  const backend = new WaygateServerBackend({
    url: serverUrl,
    appId,
    ...(token === undefined ? {} : { token }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(reconnectDelay === undefined ? {} : { reconnectDelay }),
    ...(flagsInterval === undefined ? {} : { flagsInterval }),
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(version === undefined ? {} : { version }),
  });
  return { ...rest, service: appId, backend };
}
