import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { NightShift } from './night-shift.service.js';

/** Seconds from now, and seconds it lasts. */
const opensIn = Number(process.env['OPENS_IN'] ?? 5);
const lasts = Number(process.env['LASTS'] ?? 10);

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000));
const { nextChange } = await app.get(NightShift).plan(opensIn, lasts);
const url = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`${url}/reports closes at ${nextChange}, for ${lasts} s.`);
