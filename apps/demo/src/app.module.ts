import { Module } from '@nestjs/common';
import { WaygateAdminModule } from '@waygate/admin';
import { WaygateModule } from '@waygate/nestjs';
import { adminPassword } from './admin-password.js';
import { DemoController } from './demo.controller.js';
import { LimitsController } from './limits.controller.js';
import { ShopController } from './shop.controller.js';
import { UsersV1Controller, UsersV2Controller } from './users.controller.js';

@Module({
  imports: [
    WaygateModule.forRoot({
      environment: process.env['APP_ENV'] ?? 'dev',
      // A real app knows the plan from its own authentication; the demo takes the caller's word.
      identify: (request: { headers: Record<string, string | undefined> }) => ({ plan: request.headers['x-plan'] ?? 'free' }),
    }),
    WaygateAdminModule.forRoot({ auth: { username: 'admin', password: adminPassword() } }),
  ],
  controllers: [ShopController, LimitsController, UsersV1Controller, UsersV2Controller, DemoController],
})
export class AppModule {}
