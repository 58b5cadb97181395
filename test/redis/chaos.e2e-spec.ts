import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { RateLimit } from '@waygate/nestjs';
import { RedisBackend, RedisCounterStore } from '@waygate/redis';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startAdmin } from '../support/admin-app.js';
import { readStream } from '../support/event-reader.js';
import { OwnTime } from '../support/measure.js';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Longer by hand: WAYGATE_CHAOS_MS=300000. */
const LASTS_MS = Number(process.env['WAYGATE_CHAOS_MS'] ?? 15_000);

@Controller()
class ShopController {
  @Get('payments')
  payments(): object {
    return { ok: true };
  }

  @Get('limited')
  @RateLimit('50/second', { key: 'global' })
  limited(): object {
    return { ok: true };
  }

  @Get('mine')
  @RateLimit('1000/second', { key: () => Promise.reject(new Error('no key')) })
  mine(): object {
    return { ok: true };
  }
}

it(
  'whatever happens to what it depends on, the app answers every request, and nothing ends the process',
  async () => {
    const fatal: string[] = [];
    const died = (error: unknown) => void fatal.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.on('unhandledRejection', died);
    process.on('uncaughtException', died);
    const redis = await RedisServer.start(['maxmemory-policy noeviction']);
    const proxy = await TcpProxy.start(redis.port);
    const webhook = createServer((request, response) => {
      const dice = Math.random();
      if (dice < 0.3) request.socket.destroy();
      else
        response
          .writeHead(dice < 0.6 ? 500 : dice < 0.8 ? 302 : 200, { location: 'http://127.0.0.1:1/' })
          .end('x'.repeat(100_000));
    });
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
    const admin = await startAdmin('fastify', {
      controllers: [ShopController],
      waygate: {
        backend: new RedisBackend(proxy.url),
        counterStore: new RedisCounterStore(proxy.url),
        webhooks: { allow: ['127.0.0.1'], allowInsecure: true },
        identify: () => {
          throw new Error('nobody knows');
        },
      },
    });
    const { engine } = admin;
    const token = await admin.signIn();
    await engine.webhooks.add(`http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`);
    for (const event of ['health', 'counters'] as const)
      engine.events.on(event, (() => Promise.reject(new Error('a listener of the app'))) as never);

    const time = new OwnTime();
    let isOver = false;
    const seen = new Map<string, number>();
    const slow: number[] = [];
    const ask = async (path: string): Promise<void> => {
      while (!isOver) {
        const started = time.now();
        const { status } = await admin.request(path).catch(() => ({ status: 0 }));
        slow.push(time.now() - started);
        seen.set(`${path} ${status}`, (seen.get(`${path} ${status}`) ?? 0) + 1);
        await delay(5);
      }
    };
    const operate = async (): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        await Promise.allSettled([
          i % 2 === 0 ? engine.routes.disable('GET:/payments', { reason: String(i) }) : engine.routes.enable('GET:/payments'),
          admin.call('POST', '/api/rate-limits', { path: '/limited', limit: `${20 + (i % 50)}/second` }, token),
          engine.rateLimits.reset('GET:/limited'),
          admin.call('GET', '/api/audit', undefined, token),
          engine.flags.enable('none').catch(() => undefined),
        ]);
        await delay(20);
      }
    };
    const follow = async (): Promise<void> => {
      while (!isOver) {
        const stream = await readStream(`${admin.url}/waygate/api/events`, token).catch(() => null);
        await delay(300);
        stream?.close();
      }
    };
    const harm: readonly (() => Promise<unknown>)[] = [
      async () => {
        await redis.kill9();
        await delay(600);
        await redis.restart();
      },
      async () => {
        redis.freeze();
        await delay(900);
        redis.thaw();
      },
      async () => proxy.cut(),
      async () => {
        proxy.freeze();
        await delay(700);
        proxy.thaw();
      },
      async () => void (proxy.answersToSwallow = 3),
      async () => {
        proxy.delayMs = 300;
        await delay(800);
        proxy.delayMs = 0;
      },
      async () => proxy.inject('-GARBAGE\r\n$5\r\nhi\r\n*9\r\n'),
      () => command('SCRIPT', 'FLUSH'),
      () => command('FLUSHALL'),
      () => command('CONFIG', 'SET', 'maxmemory', '1'),
      () => command('CONFIG', 'SET', 'maxmemory', '0'),
      () => command('CLIENT', 'KILL', 'TYPE', 'normal'),
      () => command('REPLICAOF', '127.0.0.1', '1'),
      () => command('REPLICAOF', 'NO', 'ONE'),
      () => spoil(),
    ];
    const client = new Redis(redis.url, { lazyConnect: true, maxRetriesPerRequest: 1, commandTimeout: 500 });
    client.on('error', () => undefined);
    const command = (name: string, ...args: string[]) => client.call(name, ...args).catch(() => undefined);
    /** Leaves what nobody expects where keys are. */
    const spoil = async (): Promise<void> => {
      const keys = await client.keys('*').catch(() => []);
      const key = keys[Math.floor(Math.random() * keys.length)];
      if (key === undefined) return;
      await command('DEL', key);
      await command('SET', key, 'not what it was');
      await delay(500);
      await command('DEL', key);
    };

    const work = [ask('/payments'), ask('/limited'), ask('/mine'), operate(), follow()];
    const until = performance.now() + LASTS_MS;
    for (let i = 0; performance.now() < until || slow.length <= 200; i++) {
      await harm[i % harm.length]?.();
      await delay(150);
    }
    // All is well again, and the app notices.
    await redis.restart().catch(() => undefined);
    redis.thaw();
    for (const args of [['CONFIG', 'SET', 'maxmemory', '0'], ['REPLICAOF', 'NO', 'ONE'], ['FLUSHALL']] as const)
      await command(args[0], ...args.slice(1));
    await expect.poll(() => engine.health.status).toBe('ready');
    isOver = true;
    await Promise.all(work);
    const disable = () => engine.routes.disable('GET:/payments').then(({ state }) => state, String);
    await expect.poll(disable).toBe('disabled');
    expect((await admin.request('/payments')).status).toBe(503);
    await admin.app.close();
    client.disconnect();
    await proxy.stop();
    await redis.stop();
    webhook.close();
    time.stop();
    await delay(50);
    process.off('unhandledRejection', died);
    process.off('uncaughtException', died);
    expect(fatal).toEqual([]);
    const answers = [...seen.keys()].filter((key) => !/ (200|429|503)$/.test(key));
    expect(answers).toEqual([]);
    expect(slow.length).toBeGreaterThan(200);
    expect(slow.toSorted((a, b) => a - b).at(Math.floor(slow.length * 0.99))).toBeLessThan(500);
  },
  LASTS_MS + 180_000,
);
