import { Controller, Get } from '@nestjs/common';
import { UseWaygate } from '@waygate/nestjs';

/** Every route of this controller. */
@UseWaygate()
@Controller('payments')
export class PaymentsController {
  @Get()
  list() {
    return ['p-1'];
  }
}
