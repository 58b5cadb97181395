import { Controller, Get, Post } from '@nestjs/common';
import { WaygateEngine } from '@waygate/nestjs';

@Controller('payments')
export class PaymentsController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get()
  list() {
    return ['p-1'];
  }

  @Post('close')
  async close() {
    const { state } = await this.engine.routes.disable('GET:/payments', { reason: 'Closed by hand', actor: 'alice' });
    return { state };
  }

  @Post('open')
  async open() {
    const { state } = await this.engine.routes.enable('GET:/payments', { actor: 'alice' });
    return { state };
  }
}
