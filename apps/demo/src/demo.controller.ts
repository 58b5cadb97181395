import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ForceActive, WaygateEngine, type MaintenanceView, type RouteView } from '@waygate/nestjs';

const actor = 'demo';

/** Changes other routes while the app runs, through the injected engine. */
@ApiTags('change it')
@Controller('demo')
@ForceActive()
export class DemoController {
  constructor(private readonly waygate: WaygateEngine) {}

  @Post('payments/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends the maintenance of /payments' })
  enablePayments(): Promise<RouteView> {
    return this.waygate.routes.enable('GET:/payments', { actor, reason: 'The ledger is there' });
  }

  @Post('payments/reset')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives /payments back what its decorator says' })
  resetPayments(): Promise<RouteView> {
    return this.waygate.routes.clear('GET:/payments', { actor });
  }

  @Post('orders/disable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Switches /orders off for a minute' })
  disableOrders(): Promise<RouteView> {
    return this.waygate.routes.disable('GET:/orders', { actor, reason: 'Out of stock', expiresIn: '1m' });
  }

  @Post('maintenance/on')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes everything down but /orders and what is always on' })
  maintenanceOn(): Promise<MaintenanceView> {
    return this.waygate.maintenance.enable({ actor, reason: 'Moving house', exempt: ['GET:/orders'] });
  }

  @Post('maintenance/off')
  @HttpCode(200)
  @ApiOperation({ summary: 'Brings everything back' })
  maintenanceOff(): Promise<MaintenanceView> {
    return this.waygate.maintenance.disable({ actor });
  }
}
