import { ConfigurableModuleBuilder, Module, type DynamicModule } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { AdminApiModule } from './admin-api.module.js';
import { ADMIN_CONFIG, readAdminOptions, type AdminConfig } from './config/admin-config.js';
import { AdminMount, MOUNTED_MODULE } from './mount/admin-mount.js';
import { WAYGATE_ADMIN_OPTIONS, type WaygateAdminOptions } from './config/waygate-admin.options.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<WaygateAdminOptions>({
  optionsInjectionToken: WAYGATE_ADMIN_OPTIONS,
})
  .setClassMethodName('forRoot')
  .build();

/**
 * Adds the admin to an app that has `WaygateModule`: import it once, in the root module.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     WaygateModule.forRoot(),
 *     WaygateAdminModule.forRoot({ auth: { username: 'admin', password: process.env.WAYGATE_ADMIN_PASSWORD ?? '' } }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({
  providers: [
    {
      provide: ADMIN_CONFIG,
      useFactory: (options: WaygateAdminOptions) => readAdminOptions(options),
      inject: [WAYGATE_ADMIN_OPTIONS],
    },
    {
      provide: MOUNTED_MODULE,
      useFactory: (engine: WaygateEngine, config: AdminConfig) => AdminApiModule.register(engine, config),
      inject: [WaygateEngine, ADMIN_CONFIG],
    },
    AdminMount,
  ],
})
export class WaygateAdminModule extends ConfigurableModuleClass {
  /** @throws {ConfigurationError} when the app starts, for wrong options and for an admin that would be open to everybody */
  static override forRoot(options: WaygateAdminOptions): DynamicModule {
    return super.forRoot(options);
  }
}
