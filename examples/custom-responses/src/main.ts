import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000));
const url = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`Try ${url}/page, /moved, /text, /queue and /default (curl -i shows all of them).`);
