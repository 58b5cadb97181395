// One Nest app in a process of its own, for the whole-app benchmark: `node nest-app.mjs express|fastify VARIANT`. Answers questions about
// its CPU time over IPC.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { MemoryBackend, RateLimit, WaygateModule } from '@waygate/nestjs';
import rateLimitFastify from '@fastify/rate-limit';
import { rateLimit as rateLimitExpress } from 'express-rate-limit';

const [platform, variant] = process.argv.slice(2);
const LIMIT = 1_000_000_000;

function decorate(decorators, target, key) {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, key);
  for (const decorator of decorators.toReversed()) decorator(target.prototype, key, descriptor);
}

class HelloController {
  hello() {
    return { hello: 'world' };
  }
}
const own = { 'waygate, one limit': [RateLimit(`${LIMIT}/hour`)], 'a guard with a Map look-up': [] }[variant] ?? [];
decorate([Get('hello'), ...own], HelloController, 'hello');
Controller()(HelloController);

const { value: handler } = Object.getOwnPropertyDescriptor(HelloController.prototype, 'hello');
const known = new Map([[handler, { state: 'active' }]]);
class MapGuard {
  canActivate(context) {
    return context.getType() !== 'http' || known.get(context.getHandler())?.state === 'active';
  }
}

const imports = [];
const providers = [];
if (variant.startsWith('waygate'))
  imports.push(WaygateModule.forRoot({ backend: new MemoryBackend(), stats: variant === 'waygate, figures' }));
if (variant === '@nestjs/throttler') {
  imports.push(ThrottlerModule.forRoot([{ ttl: 3_600_000, limit: LIMIT }]));
  providers.push({ provide: APP_GUARD, useClass: ThrottlerGuard });
}
if (variant === 'a guard with a Map look-up') providers.push({ provide: APP_GUARD, useClass: MapGuard });
class AppModule {}
Module({ imports, providers, controllers: [HelloController] })(AppModule);

const app =
  platform === 'fastify'
    ? await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false })
    : await NestFactory.create(AppModule, { logger: false });
if (variant === '@fastify/rate-limit') await app.register(rateLimitFastify, { max: LIMIT, timeWindow: '1 hour' });
if (variant === 'express-rate-limit')
  app.use(rateLimitExpress({ limit: LIMIT, windowMs: 3_600_000, standardHeaders: false, legacyHeaders: true }));
await app.listen(0, '127.0.0.1');
process.on('message', () => process.send({ cpu: process.cpuUsage() }));
process.send({ port: app.getHttpServer().address().port });
