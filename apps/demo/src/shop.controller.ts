import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Disabled, EnvOnly, ForceActive, Maintenance } from '@waygate/nestjs';

/** One route for each thing a decorator can say. */
@ApiTags('shop')
@Controller()
export class ShopController {
  @Get('health')
  @ForceActive()
  @ApiOperation({ summary: 'Always on, whatever is switched off around it' })
  health(): { status: string } {
    return { status: 'ok' };
  }

  @Get('payments')
  @Maintenance({ reason: 'The ledger is being moved' })
  @ApiOperation({ summary: 'In maintenance until an operator enables it' })
  payments(): { payments: string[] } {
    return { payments: ['p-1', 'p-2'] };
  }

  @Get('debug')
  @EnvOnly('dev')
  @ApiOperation({ summary: 'Exists in the dev environment only' })
  debug(): { uptime: number } {
    return { uptime: process.uptime() };
  }

  @Get('old-endpoint')
  @Disabled({ reason: 'Replaced by /orders' })
  @ApiOperation({ summary: 'Disabled; absent from this page until it is enabled' })
  oldEndpoint(): { old: boolean } {
    return { old: true };
  }

  @Get('orders')
  @ApiOperation({ summary: 'Nothing declared: free, until somebody changes it' })
  orders(): { orders: string[] } {
    return { orders: ['o-1', 'o-2', 'o-3'] };
  }
}
