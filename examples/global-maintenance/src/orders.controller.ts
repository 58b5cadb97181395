import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Migration } from './migration.service.js';

@Controller()
export class OrdersController {
  constructor(private readonly migration: Migration) {}

  @Get('orders')
  list() {
    return ['o-1'];
  }

  @Get('status')
  status() {
    return { migrating: this.migration.isRunning };
  }

  @Post('migration')
  @HttpCode(202)
  async migrate() {
    await this.migration.begin();
    return { migrating: true };
  }
}
