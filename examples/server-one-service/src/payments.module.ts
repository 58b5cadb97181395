import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { WaygateSdkModule } from '@waygate/nestjs/sdk';
import { USER } from './control-plane.module.js';

@Controller('payments')
class PaymentsController {
  @Get()
  list() {
    return ['p-1'];
  }
}

@Module({ controllers: [PaymentsController] })
export class PaymentsModule {
  /** @param serverUrl where the control plane is */
  static following(serverUrl: string): DynamicModule {
    return {
      module: PaymentsModule,
      imports: [WaygateSdkModule.forRoot({ serverUrl, appId: 'payments-service', ...USER })],
    };
  }
}
