import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BooleanFlag, RequireFlag, RouteVariant } from '@waygate/nestjs';

/** What flags do to routes. Say who you are with `x-user`: `ann` and `bob` are staff. */
@ApiTags('flags')
@ApiHeader({ name: 'X-User', required: false, description: 'ann and bob are staff' })
@Controller('checkout')
export class CheckoutController {
  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'The checkout; staff and a quarter of everybody else get the new one' })
  checkout(): { checkout: string } {
    return { checkout: 'as ever' };
  }

  @Post()
  @HttpCode(200)
  @RouteVariant('new-checkout', 'on')
  newCheckout(): { checkout: string; steps: number } {
    return { checkout: 'new', steps: 1 };
  }

  @Get('button')
  @ApiOperation({ summary: 'A handler that asks for the flag itself' })
  button(@BooleanFlag('new-checkout', false) fresh: boolean): { label: string } {
    return { label: fresh ? 'Pay in one step' : 'Pay' };
  }

  @Get('report')
  @RequireFlag('beta-report')
  @ApiOperation({ summary: 'Exists for staff only; to others it is an unknown path' })
  report(): { sold: number } {
    return { sold: 42 };
  }
}
