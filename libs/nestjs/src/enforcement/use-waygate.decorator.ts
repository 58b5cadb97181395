import { applyDecorators, UseGuards } from '@nestjs/common';
import { WaygateGuard } from './waygate.guard.js';

/**
 * Enforces Waygate on a handler, or on every handler of a controller. Required only with `enforcement: 'manual'`. By default every route
 * is covered.
 *
 * @example
 * ```ts
 * @UseWaygate()
 * @Controller('payments')
 * class PaymentsController {
 *   @Get()
 *   list() {}
 * }
 *
 * @Module({ imports: [WaygateModule.forRoot({ enforcement: 'manual' })], controllers: [PaymentsController] })
 * class AppModule {}
 * ```
 */
export function UseWaygate(): ClassDecorator & MethodDecorator {
  return applyDecorators(UseGuards(WaygateGuard));
}
