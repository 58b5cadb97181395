import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { DemoController } from './demo.controller.js';
import { ShopController } from './shop.controller.js';
import { UsersV1Controller, UsersV2Controller } from './users.controller.js';

@Module({
  imports: [WaygateModule.forRoot({ environment: process.env['APP_ENV'] ?? 'dev' })],
  controllers: [ShopController, UsersV1Controller, UsersV2Controller, DemoController],
})
export class AppModule {}
