import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { Migration } from './migration.service.js';
import { OrdersController } from './orders.controller.js';

@Module({ imports: [WaygateModule.forRoot()], controllers: [OrdersController], providers: [Migration] })
export class AppModule {}
