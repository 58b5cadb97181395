import { Controller, Get } from '@nestjs/common';
import { BooleanFlag, RequireFlag, RouteVariant } from '@waygate/nestjs';

/** What flags do to routes; whoever says `x-user: alice` is Alice. */
@Controller('checkout')
export class CheckoutController {
  @Get()
  checkout() {
    return { steps: 3 };
  }

  /** The canary: the same route, for those who have the flag. */
  @Get()
  @RouteVariant('new-checkout', 'on')
  newCheckout() {
    return { steps: 1 };
  }

  /** Exists for those who have the flag; for others it is an unknown path. */
  @Get('one-click')
  @RequireFlag('one-click')
  oneClick() {
    return { steps: 0 };
  }

  /** A handler that asks for itself. */
  @Get('button')
  button(@BooleanFlag('one-click', false) oneClick: boolean) {
    return { label: oneClick ? 'Buy now' : 'Go to checkout' };
  }
}
