import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { WaygateEngine } from '@waygate/nestjs';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.init();
await app.get(WaygateEngine).maintenance.enable({ reason: 'Moving house' });
await app.listen(Number(process.env['PORT'] ?? 3000));
const url = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(
  `Everything is in maintenance. ${url}/payments obeys, /orders/express too; /orders and /catalogue do not know Waygate.`,
);
