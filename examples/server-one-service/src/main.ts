import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ControlPlaneModule, USER } from './control-plane.module.js';
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

const url = (await payments.getUrl()).replace('[::1]', 'localhost');
console.log(`The service: ${url}/payments. To switch it off (the password is '${USER.password}'):
  npm run cli -- config set-url http://127.0.0.1:${controlPort} && npm run cli -- login admin
  npm run cli -- disable GET:/payments --service payments-service --reason hotfix`);
