import { Module } from '@nestjs/common';
import { WaygateAdminModule } from '@waygate/admin';
import { WaygateModule } from '@waygate/nestjs';
import { DemoController } from './demo.controller.js';
import { DemoSeed } from './demo-seed.js';
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
    WaygateAdminModule.forRoot({
      auth: [
        { username: 'admin', password: process.env['WAYGATE_ADMIN_PASSWORD'] ?? 'admin' },
        { username: 'viewer', password: 'viewer', role: 'viewer' },
      ],
    }),
  ],
  providers: [DemoSeed],
  controllers: [ShopController, LimitsController, UsersV1Controller, UsersV2Controller, DemoController],
})
export class AppModule {}
