import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { WaygateSdkModule } from '@waygate/nestjs/sdk';
import { USER } from './control-plane.module.js';

/** A service of the fleet: its name, and what it serves. */
@Module({})
export class ServiceModule {
  /** @param serverUrl where the control plane is */
  static named(appId: string, controller: Type, serverUrl: string): DynamicModule {
    return {
      module: ServiceModule,
      imports: [WaygateSdkModule.forRoot({ serverUrl, appId, ...USER })],
      controllers: [controller],
    };
  }
}
