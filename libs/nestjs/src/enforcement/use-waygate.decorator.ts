import { applyDecorators, UseGuards } from '@nestjs/common';
import { WaygateGuard } from './waygate.guard.js';

/**
 * Enforces what Waygate knows about the handler, or about every handler of the controller. Only needed with
 * `enforcement: 'manual'`; otherwise every route is covered already.
 *
 * @example
 * ```ts
 * @UseWaygate()
 * @Controller('payments')
 * ```
 */
export function UseWaygate(): ClassDecorator & MethodDecorator {
  return applyDecorators(UseGuards(WaygateGuard));
}
