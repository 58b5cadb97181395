import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { CheckoutController } from './checkout.controller.js';
import { FlagSetup } from './flag-setup.js';
import { ShopController } from './shop.controller.js';

@Module({
  imports: [
    WaygateModule.forRoot({
      // A real app reads this from its own authentication; here the caller says who it is.
      context: ({ headers }: { headers: Record<string, string | undefined> }) => ({
        targetingKey: headers['x-user'] ?? 'anonymous',
      }),
    }),
  ],
  controllers: [ShopController, CheckoutController],
  providers: [FlagSetup],
})
export class AppModule {}
