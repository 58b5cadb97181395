import 'reflect-metadata';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryBackend } from '@waygate/core';
import { expect, it, vi } from 'vitest';
import { RateLimit } from '../decorators/rate-limit.decorator.js';
import { RouteVariant } from '../decorators/route-variant.decorator.js';
import { RequireFlag } from '../flags/require-flag.decorator.js';
import { RouteRegistry } from '../routes/route-registry.js';
import { WaygateModule } from '../waygate.module.js';

@Controller()
class ShopController {
  @Get('limited')
  @RateLimit('10/minute')
  @RateLimit('10/minute', { key: 'user' })
  limited() {}

  @Post('checkout')
  checkout() {}

  @Post('checkout')
  @RouteVariant('new-checkout', 'on')
  newCheckout() {}

  @Get('beta')
  @RequireFlag('beta')
  beta() {}
}

@Module({ imports: [WaygateModule.forRoot({ backend: new MemoryBackend() })], controllers: [ShopController] })
class AppModule {}

it.each([
  ['GET', '/limited', 200],
  ['POST', '/checkout', 201],
  ['GET', '/beta', 404],
])('looks for the route of a request once, however many guards ask about it: %s %s', async (method, path, status) => {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const find = vi.spyOn(app.get(RouteRegistry), 'find');
  const answer = await fetch((await app.getUrl()) + path, { method });
  expect(answer.status).toBe(status);
  expect(find).toHaveBeenCalledTimes(1);
  await app.close();
});
