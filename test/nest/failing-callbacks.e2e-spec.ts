import { Controller, Get } from '@nestjs/common';
import { Disabled, MemoryBackend, RateLimit, WaygateResponse, type WaygateModuleOptions } from '@waygate/nestjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ON_OFF } from '../support/flag.js';
import { PLATFORMS, startApp, type RunningApp } from '../support/nest-app.js';

const fails = (): never => {
  throw new Error('a mistake of the app');
};
const rejects = (): Promise<never> => Promise.reject(new Error('a mistake of the app'));
const garbage = (): never => ({ toString: fails }) as never;

@Controller()
class Mistaken {
  @Get('key-fails')
  @RateLimit('2/minute', { key: fails })
  keyFails(): string {
    return 'ok';
  }

  @Get('key-rejects')
  @RateLimit('2/minute', { key: rejects })
  keyRejects(): string {
    return 'ok';
  }

  @Get('key-garbage')
  @RateLimit('2/minute', { key: garbage })
  keyGarbage(): string {
    return 'ok';
  }

  @Get('key-number')
  @RateLimit('2/minute', { key: () => 7 as never })
  keyNumber(): string {
    return 'ok';
  }

  @Get('key-symbol')
  @RateLimit('2/minute', { key: () => Symbol('x') as never })
  keySymbol(): string {
    return 'ok';
  }

  @Get('user')
  @RateLimit('2/minute', { key: 'user' })
  user(): string {
    return 'ok';
  }

  @Get('roles')
  @RateLimit('2/minute', { exemptRoles: ['staff'] })
  roles(): string {
    return 'ok';
  }

  @Get('tiers')
  @RateLimit({ free: '2/minute', pro: '3/minute' })
  tiers(): string {
    return 'ok';
  }

  @Get('disabled')
  @Disabled({ reason: 'why' })
  disabled(): string {
    return 'ok';
  }

  @Get('plain')
  plain(): string {
    return 'ok';
  }
}

describe.each(PLATFORMS)('mistakes of the app, on %s', (platform) => {
  let running: RunningApp | undefined;
  const fatal: string[] = [];
  const died = (error: unknown) => void fatal.push(String(error));

  beforeEach(() => {
    fatal.length = 0;
    process.on('uncaughtException', died);
    process.on('unhandledRejection', died);
  });

  afterEach(async () => {
    await running?.app.close();
    running = undefined;
    process.off('uncaughtException', died);
    process.off('unhandledRejection', died);
    expect(fatal).toEqual([]);
  });

  const start = async (waygate: WaygateModuleOptions = {}) =>
    (running = await startApp(platform, { controllers: [Mistaken], waygate: { backend: new MemoryBackend(), ...waygate } }));
  const statuses = async (path: string, times = 1) => {
    const all: number[] = [];
    for (let i = 0; i < times; i++) all.push((await (running as RunningApp).request(path)).status);
    return all;
  };

  it.each(['/key-fails', '/key-rejects', '/key-garbage', '/key-symbol'])(
    'in the function that gives the key of %s let requests through',
    async (path) => {
      await start();
      expect(await statuses(path, 4)).toEqual([200, 200, 200, 200]);
    },
  );

  it('are no mistakes where a key is a number', async () => {
    await start();
    expect(await statuses('/key-number', 3)).toEqual([200, 200, 429]);
    const { items } = await (running as RunningApp).engine.rateLimits.hits();
    expect(items.map(({ caller }) => caller)).toEqual(['7']);
  });

  it.each([
    ['fails', fails],
    ['gives nothing', () => null as never],
    ['gives garbage', () => ({ user: { toString: fails }, roles: 5, plan: {}, attributes: 7 }) as never],
    ['gives no object', () => 'somebody' as never],
  ])('in identify, which %s, take no route down', async (_how, identify) => {
    await start({ identify });
    for (const path of ['/user', '/roles', '/tiers', '/plain']) {
      const seen = await statuses(path, 2);
      expect([path, ...seen]).toEqual([path, 200, 200]);
    }
  });

  it.each([
    ['fails', fails],
    ['rejects', rejects],
    ['gives a header no response can carry', () => WaygateResponse.text('x', { headers: { 'x-a': 'a\nb', 'bad name': 'x' } })],
    ['gives a status there is none of', () => WaygateResponse.text('x', { status: 7 })],
    ['gives what cannot be written', () => ({ a: 1n }) as never],
  ])('in the answer for blocked requests, which %s, give the built-in one', async (_how, disabled) => {
    await start({ responses: { disabled } });
    const answer = await (running as RunningApp).request('/disabled');
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([503, { error: { code: 'ROUTE_DISABLED' } }]);
  });

  it('in listeners and hooks change nothing', async () => {
    const { engine } = await start({ webhooks: { formatters: { mine: fails } } });
    for (const event of ['change', 'blocked', 'health', 'evaluation', 'edge', 'track'] as const) {
      engine.events.on(event, fails);
      engine.events.on(event, rejects as never);
    }
    engine.flagClient.addHooks({ before: fails, after: fails, error: fails, finally: fails });
    engine.flagClient.addHandler('PROVIDER_CONFIGURATION_CHANGED' as never, fails);
    await engine.routes.disable('/plain');
    expect(await statuses('/plain')).toEqual([503]);
    await engine.routes.enable('/plain');
    expect(await statuses('/plain')).toEqual([200]);
    await engine.flags.save({
      key: 'fresh',
      ...ON_OFF,
      fallthrough: 'on',
    } as never);
    expect(await engine.flagClient.getBooleanValue('fresh', false)).toBe(false);
    expect(engine.sync.flags.boolean('fresh', false)).toBe(true);
  });
});
