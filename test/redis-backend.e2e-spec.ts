import { backendContract } from '@waygate/core/testing';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from './support/redis-server.js';

describe('RedisBackend', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  it.each(backendContract)('$name', async ({ run }) => {
    await client.flushall();
    await run(() => new RedisBackend(server.url));
  });
});
