import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { WaygateEngine } from '@waygate/nestjs';
import { appModule } from './app.module.js';

const app = await NestFactory.create(appModule('waygate.sqlite'));
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000));

const route = 'GET:/payments';
const engine = app.get(WaygateEngine);
const { state } = await engine.routes.get(route);
// Every start finds what the one before left behind, and leaves the opposite.
await (state === 'active' ? engine.routes.disable(route, { reason: 'by the last start' }) : engine.routes.enable(route));
const url = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`${route} was ${state} and is ${(await engine.routes.get(route)).state} now: ${url}/payments`);
