import { Body, Controller, Headers, HttpCode, Post, Req, UnauthorizedException, type RawBodyRequest } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Arrivals } from './arrivals.js';
import { SECRET } from './settings.js';

/** Stands for three other systems. */
@Controller('receivers')
export class ReceiversController {
  readonly #webhook = new Webhook(SECRET);

  constructor(private readonly arrivals: Arrivals) {}

  @Post('generic')
  @HttpCode(204)
  generic(@Req() request: RawBodyRequest<object>, @Headers() headers: Record<string, string>) {
    this.arrivals.add({ id: headers['webhook-id'] ?? '', receiver: 'generic', body: this.#verified(request, headers) });
  }

  @Post('slack')
  @HttpCode(204)
  slack(@Headers('webhook-id') id: string, @Body() body: unknown) {
    this.arrivals.add({ id, receiver: 'slack', body });
  }

  @Post('custom')
  @HttpCode(204)
  custom(@Headers('webhook-id') id: string, @Body() body: unknown) {
    this.arrivals.add({ id, receiver: 'custom', body });
  }

  #verified({ rawBody }: RawBodyRequest<object>, headers: Record<string, string>): unknown {
    try {
      return this.#webhook.verify(rawBody ?? '', headers);
    } catch {
      throw new UnauthorizedException('Not signed by who should have');
    }
  }
}
