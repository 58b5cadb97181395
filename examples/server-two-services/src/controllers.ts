import { Controller, Get } from '@nestjs/common';

/** Both services have this path; their names keep them apart. */
@Controller('list')
export class PaymentsController {
  @Get()
  list() {
    return ['p-1'];
  }
}

@Controller('list')
export class OrdersController {
  @Get()
  list() {
    return ['o-1'];
  }
}
