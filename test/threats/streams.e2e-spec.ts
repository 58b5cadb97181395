import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { WaygateSwagger } from '@waygate/nestjs/swagger';
import { describe, expect, it } from 'vitest';
import { PLATFORMS, startApp } from '../support/nest-app.js';

@Controller()
class ShopController {
  @Get('payments')
  payments(): object {
    return { ok: true };
  }
}

/** Opens a stream and leaves it open. */
function listen(url: string): Promise<{ request: ClientRequest; response: IncomingMessage; ended: () => boolean }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false }, (response) => {
      let isOver = false;
      response.on('end', () => (isOver = true)).on('error', () => undefined);
      response.resume();
      resolve({ request, response, ended: () => isOver });
    });
    request.on('error', reject).end();
  });
}

describe.each(PLATFORMS)('streams that anybody may open, on %s', (platform) => {
  it('are bounded where the documentation is public; the app goes on', async () => {
    const { app, url, request } = await startApp(platform, {
      controllers: [ShopController],
      configure: (configured) =>
        WaygateSwagger.setup('docs', configured, SwaggerModule.createDocument(configured, new DocumentBuilder().build())),
    });
    const open: Awaited<ReturnType<typeof listen>>[] = [];
    for (let i = 0; i < 1_005; i++) open.push(await listen(`${url}/docs/waygate/events`));
    await expect.poll(() => open.filter(({ ended }) => ended()).length).toBe(5);
    expect((await request('/payments')).status).toBe(200);
    // Whoever leaves makes room.
    open[0]?.request.destroy();
    await expect
      .poll(async () => {
        const another = await listen(`${url}/docs/waygate/events`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        open.push(another);
        return another.ended();
      })
      .toBe(false);
    for (const stream of open) stream.request.destroy();
    await app.close();
  });
});
