import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateEngine } from '@waygate/nestjs';
import { ControlPlaneModule } from './control-plane.module.js';
import { OrdersController, PaymentsController } from './controllers.js';
import { ServiceModule } from './service.module.js';

const controlPort = Number(process.env['CONTROL_PORT'] ?? 9000);

async function serve(appId: string, controller: Type, port: number): Promise<string> {
  const module = ServiceModule.named(appId, controller, `http://127.0.0.1:${controlPort}`);
  const app = await NestFactory.create(module, { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  await app.listen(port);
  return (await app.getUrl()).replace('[::1]', 'localhost');
}

// Three programs in a real fleet; `npx @waygate/server` is the first one ready-made.
const controlPlane = await NestFactory.create(ControlPlaneModule, { logger: ['error', 'warn'] });
controlPlane.enableShutdownHooks();
await controlPlane.listen(controlPort);
const payments = await serve('payments-service', PaymentsController, Number(process.env['PORT'] ?? 3000));
const orders = await serve('orders-service', OrdersController, Number(process.env['ORDERS_PORT'] ?? 3001));

await controlPlane
  .get(WaygateEngine)
  .maintenance.forService('payments-service')
  .enable({ reason: 'The ledger is being moved', actor: 'alice' });
console.log(`${payments}/list is in maintenance, ${orders}/list is not.`);
