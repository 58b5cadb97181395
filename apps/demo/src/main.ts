import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { WaygateSwagger } from '@waygate/nestjs/swagger';
import { AppModule } from './app.module.js';
import { welcome } from './welcome.js';

const port = Number(process.env['PORT'] ?? 3000);
const logger = ['error', 'warn'] as const;
const app =
  process.env['WAYGATE_PLATFORM'] === 'fastify'
    ? await NestFactory.create(AppModule, new FastifyAdapter(), { logger: [...logger] })
    : await NestFactory.create(AppModule, { logger: [...logger] });
app.enableShutdownHooks();

const description = new DocumentBuilder()
  .setTitle('Waygate demo')
  .setDescription('Every route shows one thing Waygate does. Change one with `POST /demo/…` and watch this page follow.')
  .setVersion('1.0')
  .build();
WaygateSwagger.setup('docs', app, SwaggerModule.createDocument(app, description));

await app.listen(port);
console.log(welcome(await app.getUrl()));
