import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ControlPlaneModule } from './control-plane.module.js';
import { PaymentsModule } from './payments.module.js';

const port = Number(process.env['PORT'] ?? 3000);
const controlPort = Number(process.env['CONTROL_PORT'] ?? 9000);

// Two programs in a real fleet; `npx @waygate/server` is the first one ready-made.
const controlPlane = await NestFactory.create(ControlPlaneModule, { logger: ['error', 'warn'] });
controlPlane.enableShutdownHooks();
await controlPlane.listen(controlPort);

const payments = await NestFactory.create(PaymentsModule.following(`http://127.0.0.1:${controlPort}`), {
  logger: ['error', 'warn'],
});
payments.enableShutdownHooks();
await payments.listen(port);

console.log(`The service: ${await payments.getUrl()}/payments. To switch it off:
  npx waygate config set-url http://127.0.0.1:${controlPort} && npx waygate login admin
  npx waygate disable GET:/payments --service payments-service`);
