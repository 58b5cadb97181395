import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { PORT } from './settings.js';

// Signatures are over the bytes as they came.
const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'], rawBody: true });
app.enableShutdownHooks();
await app.listen(PORT);
const url = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`Change something with POST ${url}/payments/close or /payments/open, and look at / what arrived.`);
