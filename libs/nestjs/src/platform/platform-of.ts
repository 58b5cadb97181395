import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressPlatform } from './express.platform.js';
import { FastifyPlatform } from './fastify.platform.js';
import type { Platform } from './platform.js';

/** @throws {Error} when the adapter is neither Express nor Fastify */
export function platformOf(adapter: AbstractHttpAdapter): Platform {
  const type: string = adapter.getType();
  if (type === 'express') return new ExpressPlatform(adapter);
  if (type === 'fastify') return new FastifyPlatform(adapter);
  throw new Error(`Waygate runs on Express and Fastify; the HTTP adapter of this app is '${type}'.`);
}
