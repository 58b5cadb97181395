import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { FlagSetup } from './flag-setup.js';
import { ShopController } from './shop.controller.js';

@Module({ imports: [WaygateModule.forRoot()], controllers: [ShopController], providers: [FlagSetup] })
export class AppModule {}
