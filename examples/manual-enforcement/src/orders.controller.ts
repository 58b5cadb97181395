import { Controller, Get } from '@nestjs/common';
import { UseWaygate } from '@waygate/nestjs';

@Controller('orders')
export class OrdersController {
  @Get()
  list() {
    return ['o-1'];
  }

  /** This route only. */
  @UseWaygate()
  @Get('express')
  express() {
    return ['o-2'];
  }
}
