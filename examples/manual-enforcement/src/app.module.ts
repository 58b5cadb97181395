import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { CatalogueController } from './catalogue.controller.js';
import { OrdersController } from './orders.controller.js';
import { PaymentsController } from './payments.controller.js';

@Module({
  imports: [WaygateModule.forRoot({ enforcement: 'manual' })],
  controllers: [PaymentsController, OrdersController, CatalogueController],
})
export class AppModule {}
