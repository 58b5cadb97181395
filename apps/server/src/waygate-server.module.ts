import { Module, type DynamicModule } from '@nestjs/common';
import { WaygateAdminModule, type WaygateAdminOptions } from '@waygate/admin';
import { WaygateModule, type WaygateModuleOptions } from '@waygate/nestjs';

/** Options of `WaygateServerModule.forRoot`: who may sign in, and where state lives. */
export interface WaygateServerOptions
  extends
    WaygateAdminOptions,
    Pick<
      WaygateModuleOptions,
      'backend' | 'counterStore' | 'webhooks' | 'snapshotPath' | 'initTimeout' | 'errorAfter' | 'auditMaxAge' | 'clock'
    > {}

/**
 * A control plane for other services inside a Nest app of your own: the admin on a backend, and nothing of the app's routes is touched, not
 * even by a maintenance of everything.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     WaygateServerModule.forRoot({
 *       backend: new FileBackend('waygate-state.json'),
 *       auth: { username: 'admin', password: process.env.WAYGATE_ADMIN_PASSWORD ?? '' },
 *     }),
 *   ],
 * })
 * export class ControlPlaneModule {}
 * ```
 */
@Module({})
export class WaygateServerModule {
  /** By default mounted at the root. @throws {ConfigurationError} when the app starts, for wrong options and an open admin */
  static forRoot(options: WaygateServerOptions): DynamicModule {
    const { backend, counterStore, webhooks, snapshotPath, initTimeout, errorAfter, auditMaxAge, clock, ...admin } = options;
    const waygate: WaygateModuleOptions = {
      enforcement: 'manual',
      ...(backend === undefined ? {} : { backend }),
      ...(counterStore === undefined ? {} : { counterStore }),
      ...(webhooks === undefined ? {} : { webhooks }),
      ...(snapshotPath === undefined ? {} : { snapshotPath }),
      ...(initTimeout === undefined ? {} : { initTimeout }),
      ...(errorAfter === undefined ? {} : { errorAfter }),
      ...(auditMaxAge === undefined ? {} : { auditMaxAge }),
      ...(clock === undefined ? {} : { clock }),
    };
    return {
      module: WaygateServerModule,
      imports: [WaygateModule.forRoot(waygate), WaygateAdminModule.forRoot({ path: '', ...admin })],
    };
  }
}
