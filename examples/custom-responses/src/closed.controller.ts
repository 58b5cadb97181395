import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { Disabled, Maintenance, WaygateResponse, type BlockContext } from '@waygate/nestjs';

const PAGE = `<!doctype html>
<html lang="en">
  <title>Back soon</title>
  <h1>We are repainting the shop</h1>
  <p>Come back after lunch.</p>
</html>
`;

/** Stands for a look into a queue or a database. */
async function positionInQueue({ body }: BlockContext): Promise<WaygateResponse> {
  await wait(10);
  return WaygateResponse.json({ reason: body.error.reason, position: 7 }, { headers: { 'Retry-After': '30' } });
}

@Controller()
export class ClosedController {
  @Get('page')
  @Maintenance({ reason: 'Repainting', response: WaygateResponse.html(PAGE) })
  page() {
    return 'open';
  }

  @Get('moved')
  @Disabled({ reason: 'Moved', response: WaygateResponse.redirect('/default', { status: 307 }) })
  moved() {
    return 'open';
  }

  /** Text goes out as text. */
  @Get('text')
  @Maintenance({ response: 'Closed for lunch.\n' })
  text() {
    return 'open';
  }

  @Get('queue')
  @Maintenance({ reason: 'Full house', response: positionInQueue })
  queue() {
    return 'open';
  }

  @Get('default')
  @Maintenance({ reason: 'Stocktaking' })
  default() {
    return 'open';
  }
}
