import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { WaygateSdkModule, type WaygateSdkOptions } from '@waygate/nestjs/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from './support/admin-app.js';

const OPEN: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of OPEN.splice(0).toReversed()) await one.close();
});

it('smoke', async () => {
  const admin = await startAdmin('express', { admin: { path: '' } , waygate: {backend: new MemoryBackend()}});
  OPEN.push(admin.app);
  @Controller()
  class C { @Get('items') items() { return { ok: true }; } }
  @Module({ imports: [WaygateSdkModule.forRoot({ serverUrl: admin.url, appId: 'shop', username: 'admin', password: 'correct horse' })], controllers: [C] })
  class M {}
  const app = await NestFactory.create(M, { logger: false });
  OPEN.push(app);
  await app.listen(0, '127.0.0.1');
  const engine = app.get(WaygateEngine);
  expect(engine.health).toMatchObject({ status: 'ready' });
  await expect.poll(() => admin.engine.sync.routes.list().map((r) => r.key)).toContain('shop:GET:/items');
  await admin.engine.routes.disable('shop:GET:/items', { reason: 'x' });
  await expect.poll(() => engine.decide('GET:/items').outcome).toBe('block');
  await engine.routes.enable('GET:/items', { reason: 'back' });
  expect(admin.engine.decide('shop:GET:/items').outcome).toBe('allow');
  expect((await admin.engine.audit.list({ limit: 1 })).items[0]).toMatchObject({ actor: 'admin', platform: 'sdk', reason: 'back' });
  await expect.poll(async () => { const h = await admin.signIn(); return (await admin.call('GET', '/api/instances', undefined, h)).json }, {timeout: 6000}).toMatchObject({ instances: [{ service: 'shop', revision: engine.revision, connected: true }] });
});
