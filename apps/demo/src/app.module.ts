import { Module } from '@nestjs/common';
import { WaygateAdminModule } from '@waygate/admin';
import { WaygateModule } from '@waygate/nestjs';
import { adminPassword } from './admin-password.js';
import { CheckoutController } from './checkout.controller.js';
import { DemoFlags } from './demo-flags.js';
import { DemoController } from './demo.controller.js';
import { LimitsController } from './limits.controller.js';
import { ShopController } from './shop.controller.js';
import { UsersV1Controller, UsersV2Controller } from './users.controller.js';

@Module({
  imports: [
    WaygateModule.forRoot({
      environment: process.env['APP_ENV'] ?? 'dev',
      // A real app knows this from its own authentication; the demo takes the caller's word: whoever says `x-user: ann` is Ann.
      identify: ({ headers }: { headers: Record<string, string | undefined> }) => ({
        user: headers['x-user'] ?? null,
        plan: headers['x-plan'] ?? 'free',
        roles: headers['x-role'] === undefined ? [] : [headers['x-role']],
      }),
      context: (request: { headers: Record<string, string | undefined> }) => ({
        targetingKey: request.headers['x-user'] ?? 'anonymous',
        plan: request.headers['x-plan'] ?? 'free',
      }),
    }),
    WaygateAdminModule.forRoot({ auth: { username: 'admin', password: adminPassword() } }),
  ],
  providers: [DemoFlags],
  controllers: [ShopController, CheckoutController, LimitsController, UsersV1Controller, UsersV2Controller, DemoController],
})
export class AppModule {}
