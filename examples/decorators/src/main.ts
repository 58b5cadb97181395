import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000));
const url = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`Try ${url}/payments, /old-orders, /debug, /v1/users, /search and /health (curl -i shows the headers).`);
