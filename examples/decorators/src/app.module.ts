import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { ReportsController } from './reports.controller.js';
import { ShopController } from './shop.controller.js';

@Module({ imports: [WaygateModule.forRoot()], controllers: [ShopController, ReportsController] })
export class AppModule {}
