import { Controller, Get, Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RateLimit } from '@waygate/nestjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PLATFORMS, startApp, type RunningApp } from '../support/nest-app.js';

interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>;
  user?: unknown;
  apiKey?: string;
}

/** An app's own authentication: two keys exist, and a user is what a header says in JSON. */
@Injectable()
class AppGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const key = request.headers['x-api-key'];
    if (key === 'key-one' || key === 'key-two') request.apiKey = key;
    const user = request.headers['x-test-user'];
    if (user !== undefined) request.user = JSON.parse(user) as unknown;
    return true;
  }
}

@Controller()
@UseGuards(AppGuard)
class KeysController {
  @Get('accepted') @RateLimit('3/hour', { key: 'api_key' }) accepted() {
    return 'ok';
  }
  @Get('unverified') @RateLimit('3/hour', { key: 'unverified_api_key' }) unverified() {
    return 'ok';
  }
  @Get('user') @RateLimit('3/hour', { key: 'user', onMissingKey: 'fallback_ip' }) user() {
    return 'ok';
  }
  @Get('users-only') @RateLimit('3/hour', { key: 'user' }) usersOnly() {
    return 'ok';
  }
  @Get('address') @RateLimit('3/hour') address() {
    return 'ok';
  }
}

let running: RunningApp | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  await running?.app.close();
  running = undefined;
});

/** How many of the requests pass. */
async function passed(path: string, headers: readonly Record<string, string>[]): Promise<number> {
  let count = 0;
  for (const each of headers) if ((await running?.request(path, { headers: each }))?.status === 200) count++;
  return count;
}

describe.each(PLATFORMS)('a caller who invents what limits count by, on %s', (platform) => {
  const start = async () => (running = await startApp(platform, { controllers: [KeysController] }));
  const invented = Array.from({ length: 120 }, (_, i) => ({ 'x-api-key': `invented-${i}` }));

  it('gets no more than the limit with 120 invented keys, and the owner of a key still has a limit of its own', async () => {
    await start();
    expect(await passed('/accepted', invented)).toBe(3);
    for (const key of ['key-one', 'key-two'])
      expect(
        await passed(
          '/accepted',
          Array.from({ length: 5 }, () => ({ 'x-api-key': key })),
        ),
      ).toBe(3);
  });

  it('is bounded by address where the app asks for keys that are not verified', async () => {
    await start();
    expect(await passed('/unverified', invented)).toBe(30);
  });

  it('shares no limit with an address by being called like it', async () => {
    await start();
    const called = (name: string) => ({ 'x-test-user': JSON.stringify({ id: name }) });
    for (const name of ['127.0.0.1', 'ip:127.0.0.1', 'user:ip:127.0.0.1'])
      expect(
        await passed(
          '/user',
          Array.from({ length: 5 }, () => called(name)),
        ),
      ).toBe(3);
    expect(await passed('/user', [{}, {}, {}, {}])).toBe(3);
  });

  it.each(['id', 'sub', 'userId', 'uid', 'email'])('is counted by %s of its user', async (name) => {
    await start();
    const headers = { 'x-test-user': JSON.stringify({ [name]: 'ann' }) };
    expect(await passed('/users-only', [headers, headers, headers, headers])).toBe(3);
  });
});

it('reports once that an authenticated user has no id, and how to name one', async () => {
  const warnings: string[] = [];
  const logger = { log() {}, error() {}, warn: (message: string) => void warnings.push(message) };
  running = await startApp('express', { controllers: [KeysController], configure: (app) => app.useLogger(logger) });
  const headers = { 'x-test-user': '{"accountId":1}' };
  expect(await passed('/users-only', [headers, headers, headers, headers])).toBe(4);
  expect(warnings.filter((message) => message.includes("option 'identify'"))).toHaveLength(1);
});

it('counts addresses without the port that a proxy wrote behind them', async () => {
  running = await startApp('express', {
    controllers: [KeysController],
    configure: (app) => void (app as NestExpressApplication).set('trust proxy', true),
  });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  expect(
    await passed(
      '/address',
      Array.from({ length: 50 }, (_, i) => from(`1.2.3.4:${5_000 + i}`)),
    ),
  ).toBe(3);
  expect(
    await passed(
      '/address',
      Array.from({ length: 50 }, (_, i) => from(`[2001:db8::1]:${5_000 + i}`)),
    ),
  ).toBe(3);
  expect(await passed('/address', [from('1.2.3.4'), from('2001:db8::1'), from('[2001:db8::1]')])).toBe(0);
});
