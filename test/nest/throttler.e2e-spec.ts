import { Controller, Get, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { ConfigurationError, RateLimit, WaygateModule } from '@waygate/nestjs';
import { WaygateThrottlerStorage } from '@waygate/nestjs/throttler';
import { RedisCounterStore } from '@waygate/redis';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startApp, type RunningApp } from '../support/nest-app.js';
import { RedisServer } from '../support/redis-server.js';

@Controller()
class Throttled {
  @Get('plain') plain() {
    return 'ok';
  }
  @Get('own') @Throttle({ short: { limit: 1, ttl: 60_000 } }) own() {
    return 'ok';
  }
  @Get('skips-short') @SkipThrottle({ short: true }) skipsShort() {
    return 'ok';
  }
  @Get('function')
  @Throttle({
    short: {
      limit: (context) => Number((context.switchToHttp().getRequest() as { headers: Record<string, string> }).headers['x-limit']),
      ttl: 60_000,
    },
  })
  fn() {
    return 'ok';
  }
  @Get('tracked')
  @Throttle({
    short: {
      limit: 1,
      ttl: 60_000,
      getTracker: (request) => (request['headers'] as Record<string, string>)['x-tenant'] ?? 'none',
    },
  })
  tracked() {
    return 'ok';
  }
}

@Controller('skipped')
@SkipThrottle({ short: true, long: true })
class Skipped {
  @Get() skipped() {
    return 'ok';
  }
}

const THROTTLERS: ThrottlerModuleOptions = {
  throttlers: [
    { name: 'short', limit: 2, ttl: 60_000 },
    { name: 'long', limit: 100, ttl: 3_600_000 },
  ],
  ignoreUserAgents: [/^healthcheck/],
};

async function statuses(
  { request }: RunningApp,
  path: string,
  times: number,
  headers: Record<string, string> = {},
): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < times; i++) seen.push((await request(path, { headers })).status);
  return seen;
}

describe.each(PLATFORMS)('taking over from ThrottlerGuard, on %s', (platform) => {
  it('holds what was declared, shows it, and lets it be changed', async () => {
    const running = await startApp(platform, {
      controllers: [Throttled, Skipped],
      waygate: { throttler: true },
      module: { imports: [ThrottlerModule.forRoot(THROTTLERS)] },
    });
    const { engine, app } = running;
    expect(await statuses(running, '/plain', 3)).toEqual([200, 200, 429]);
    expect(await statuses(running, '/own', 2)).toEqual([200, 429]);
    expect(await statuses(running, '/skips-short', 4)).toEqual([200, 200, 200, 200]);
    expect(await statuses(running, '/skipped', 4)).toEqual([200, 200, 200, 200]);
    expect(await statuses(running, '/function', 4, { 'x-limit': '3' })).toEqual([200, 200, 200, 429]);
    expect(await statuses(running, '/tracked', 2, { 'x-tenant': 'a' })).toEqual([200, 429]);
    expect(await statuses(running, '/tracked', 1, { 'x-tenant': 'b' })).toEqual([200]);
    expect(await statuses(running, '/plain', 3, { 'user-agent': 'healthcheck/1' })).toEqual([200, 200, 200]);

    const views = Object.fromEntries(
      (await engine.rateLimits.list()).map(({ key, policies }) => [
        key,
        policies.map(({ name, limit, origin }) => `${name} ${limit} ${origin}`),
      ]),
    );
    expect(views['GET:/plain']).toEqual(['short 2/minute throttler', 'long 100/hour throttler']);
    expect(views['GET:/skips-short']).toEqual(['long 100/hour throttler']);
    expect(views['GET:/skipped']).toBeUndefined();

    await engine.rateLimits.set('/plain', { name: 'short', limit: '5/minute' });
    expect(await statuses(running, '/plain', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    await engine.rateLimits.set('/function', { name: 'short', limit: '1/minute' });
    expect(await statuses(running, '/function', 2, { 'x-limit': '9' })).toEqual([200, 429]);
    await app.close();
  });

  it('serves the stock guard with bounded counters', async () => {
    const running = await startApp(platform, {
      controllers: [Throttled],
      module: {
        imports: [ThrottlerModule.forRoot({ ...THROTTLERS, storage: new WaygateThrottlerStorage() })],
        providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      },
    });
    expect(await statuses(running, '/plain', 3)).toEqual([200, 200, 429]);
    const refused = await running.request('/plain');
    expect([refused.status, Number(refused.headers.get('retry-after-short')) > 50]).toEqual([429, true]);
    await running.app.close();
  });
});

/** What the stock guard and Waygate in its place are both asked. */
@Controller()
class Blocking {
  @Get('blocks') @Throttle({ default: { limit: 1, ttl: 3_000, blockDuration: 6_000 } }) blocks() {
    return 'ok';
  }
  @Get('text') @Throttle({ default: { limit: '2' as unknown as number, ttl: 60_000 } }) text() {
    return 'ok';
  }
  @Get('one')
  @Throttle({ default: { limit: 2, ttl: 60_000, generateKey: (_context, tracker, name) => `${tracker} ${name}` } })
  one() {
    return 'ok';
  }
  @Get('two')
  @Throttle({ default: { limit: 3, ttl: 60_000, generateKey: (_context, tracker, name) => `${tracker} ${name}` } })
  two() {
    return 'ok';
  }
  @Get('guarded')
  @UseGuards({ canActivate: () => false })
  @Throttle({
    default: { limit: 1, ttl: 60_000, getTracker: (request) => String((request['headers'] as Headers)['x-name' as never]) },
  })
  guarded() {
    return 'ok';
  }
}

describe.each([
  [
    'the stock guard',
    {
      module: {
        imports: [ThrottlerModule.forRoot([{ limit: 100, ttl: 60_000 }])],
        providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      },
    },
  ],
  [
    'the stock guard over our counters',
    {
      module: {
        imports: [ThrottlerModule.forRoot({ throttlers: [{ limit: 100, ttl: 60_000 }], storage: new WaygateThrottlerStorage() })],
        providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      },
    },
  ],
  [
    'Waygate in its place',
    {
      waygate: { throttler: { phase: 'origin' as const } },
      module: { imports: [ThrottlerModule.forRoot([{ limit: 100, ttl: 60_000 }])] },
    },
  ],
])('the contract of throttlers, by %s', (_who, options) => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp('fastify', { controllers: [Blocking], ...options });
  });
  afterAll(() => running?.app.close());

  it('blocks for as long as blockDuration says, and then counts anew', async () => {
    expect(await statuses(running, '/blocks', 1)).toEqual([200]);
    const blockedAfter = Date.now();
    expect(await statuses(running, '/blocks', 1)).toEqual([429]);
    await expect.poll(async () => (await running.request('/blocks')).status, { interval: 30 }).toBe(200);
    // Longer than the window.
    expect(Date.now() - blockedAfter).toBeGreaterThan(5_900);
    expect((await running.request('/blocks')).status).toBe(429);
  });

  it('counts together what generateKey gives one key, each route with its own limit', async () => {
    expect([...(await statuses(running, '/two', 2)), ...(await statuses(running, '/one', 1))]).toEqual([200, 200, 429]);
  });

  it('takes numbers that came as text', async () => {
    expect(await statuses(running, '/text', 3)).toEqual([200, 200, 429]);
  });

  it('counts what the route’s own guards refuse', async () => {
    expect(await statuses(running, '/guarded', 2, { 'x-name': 'a' })).toEqual([403, 429]);
    expect(await statuses(running, '/guarded', 1, { 'x-name': 'b' })).toEqual([403]);
  });
});

describe('WaygateThrottlerStorage', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  it.each(['memory', 'redis'])('counts hits, blocks for as long as it is told, and lets in again: %s', async (kind) => {
    const redis = kind === 'redis' ? new RedisCounterStore(server.url, { budgetMs: 5_000 }) : undefined;
    await redis?.open();
    const storage = new WaygateThrottlerStorage(redis);
    const hit = () => storage.increment('key', 4_000, 2, 6_000, 'default');
    expect(await hit()).toMatchObject({ totalHits: 1, isBlocked: false, timeToExpire: 4 });
    expect(await hit()).toMatchObject({ totalHits: 2, isBlocked: false });
    const blockedAfter = Date.now();
    expect(await hit()).toMatchObject({ totalHits: 3, isBlocked: true, timeToBlockExpire: 6 });
    await expect.poll(async () => (await hit()).isBlocked, { interval: 50 }).toBe(false);
    expect(Date.now() - blockedAfter).toBeGreaterThan(5_900);
    await redis?.close();
  });
});

it('opens and closes the counters with the app, and counts in this process while they are away', async () => {
  const server = await RedisServer.start();
  const counters = new RedisCounterStore(server.url, { budgetMs: 5_000 });
  const running = await startApp('express', {
    controllers: [Throttled],
    module: {
      imports: [ThrottlerModule.forRoot({ ...THROTTLERS, storage: new WaygateThrottlerStorage(counters) })],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    },
  });
  expect(await statuses(running, '/plain', 1)).toEqual([200]);
  const client = new Redis(server.url);
  expect(await client.keys('waygate:rl:*')).toHaveLength(2);
  client.disconnect();
  await server.kill9();
  expect(await statuses(running, '/plain', 3)).toEqual([200, 200, 429]);
  await server.restart();
  await expect.poll(async () => (await running.request('/plain')).status, { interval: 20 }).toBe(200);
  await running.app.close();
  const admin = new Redis(server.url);
  await expect
    .poll(
      async () =>
        String(await admin.client('LIST'))
          .trim()
          .split('\n').length,
    )
    .toBe(1);
  admin.disconnect();
  await server.stop();
});

it('limits nothing, rather than everything, where the function for a limit fails', async () => {
  @Controller()
  class Broken {
    @Get('broken') @Throttle({ default: { limit: () => Promise.reject(new Error('no database')), ttl: 60_000 } }) broken() {
      return 'ok';
    }
  }
  const running = await startApp('express', {
    controllers: [Broken],
    waygate: { throttler: true },
    module: { imports: [ThrottlerModule.forRoot([{ limit: 100, ttl: 60_000 }])] },
  });
  expect(await statuses(running, '/broken', 2)).toEqual([200, 200]);
  await running.app.close();
});

it('lets a throttler without a name hold beside limits of Waygate without one', async () => {
  @Controller()
  class Both {
    @Get('both') @RateLimit('1/minute', { key: 'unverified_api_key' }) both() {
      return 'ok';
    }
  }
  const running = await startApp('express', {
    controllers: [Both],
    waygate: { throttler: true },
    module: { imports: [ThrottlerModule.forRoot([{ limit: 2, ttl: 60_000 }])] },
  });
  const { policies } = await running.engine.rateLimits.get('/both');
  expect(policies.map(({ name, origin }) => `${name} ${origin}`)).toEqual(['default decorator', 'throttler-default throttler']);
  const seen: number[] = [];
  for (const key of ['a', 'a', 'b', 'c']) seen.push(...(await statuses(running, '/both', 1, { 'x-api-key': key })));
  expect(seen).toEqual([200, 429, 200, 429]);
  await running.engine.rateLimits.set('/both', { name: 'throttler-default', limit: '9/minute' });
  expect(await statuses(running, '/both', 1, { 'x-api-key': 'd' })).toEqual([200]);
  await running.app.close();
});

it('says what is missing where there is no ThrottlerModule', async () => {
  const testing = await Test.createTestingModule({
    imports: [WaygateModule.forRoot({ throttler: true })],
    controllers: [Throttled],
  }).compile();
  const app = testing.createNestApplication({ logger: false });
  await expect(app.init()).rejects.toThrow(ConfigurationError);
});
