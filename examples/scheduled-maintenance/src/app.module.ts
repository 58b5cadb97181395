import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { NightShift } from './night-shift.service.js';
import { ReportsController } from './reports.controller.js';

@Module({ imports: [WaygateModule.forRoot()], controllers: [ReportsController], providers: [NightShift] })
export class AppModule {}
