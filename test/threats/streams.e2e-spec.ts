import { createServer, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { MemoryBackend, WaygateEngine } from '@waygate/nestjs';
import { WaygateSwagger } from '@waygate/nestjs/swagger';
import { describe, expect, it } from 'vitest';
// The bound of the real one is ten thousand connections.
import { OfrepStreams } from '../../libs/admin/src/ofrep/ofrep-streams.js';
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

describe('listening with a client token, which anybody may read in a page,', () => {
  it('is bounded, and does not keep out who has a token of their own', async () => {
    const engine = new WaygateEngine({ backend: new MemoryBackend() });
    await engine.open();
    const streams = new OfrepStreams(engine, 3);
    streams.onModuleInit();
    const server = createServer((request, response) =>
      streams.open(request, response, { onlyVisible: request.url === '/client', lastEventId: null, isWelcome: () => true }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answers = [];
    for (const path of ['/client', '/client', '/client', '/client', '/server']) answers.push(await listen(url + path));
    expect(answers.map(({ response }) => response.statusCode)).toEqual([200, 200, 200, 503, 200]);
    expect(answers[3]?.response.headers['retry-after']).toBe('60');
    for (const { request } of answers) request.destroy();
    streams.onModuleDestroy();
    server.close();
    await engine.close();
  });
});
