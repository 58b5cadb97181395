import { Controller, Get } from '@nestjs/common';
import { RateLimit, type RateLimitHeaders } from '@waygate/nestjs';
import { describe, expect, it } from 'vitest';
import { PLATFORMS, startApp } from '../support/nest-app.js';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0, 250);

@Controller()
class Limited {
  @Get('one') @RateLimit('2/minute') one() {
    return 'ok';
  }
  @Get('several')
  @RateLimit('5/second', { name: 'burst' })
  @RateLimit('3/hour', { name: 'steady', algorithm: 'moving_window' })
  several() {
    return 'ok';
  }
  @Get('refused')
  @RateLimit('1/second', { name: 'burst' })
  @RateLimit('3/hour', { name: 'steady', algorithm: 'moving_window' })
  refused() {
    return 'ok';
  }
  @Get('free') free() {
    return 'ok';
  }
  @Get('exempt') @RateLimit('1/minute', { exemptIps: ['127.0.0.0/8', '::1'] }) exempt() {
    return 'ok';
  }
  @Get('shadow') @RateLimit('1/minute', { mode: 'shadow' }) shadow() {
    return 'ok';
  }
}

const LEGACY = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
const STANDARD = ['ratelimit-policy', 'ratelimit'];

describe.each(PLATFORMS)('rate-limit headers on %s', (platform) => {
  async function headersOf(form: RateLimitHeaders | undefined, path: string, times = 1) {
    const waygate = { clock: () => NOW, ...(form === undefined ? {} : { headers: form }) };
    const { request, app } = await startApp(platform, { controllers: [Limited], waygate });
    let answer = await request(path);
    for (let i = 1; i < times; i++) answer = await request(path);
    await app.close();
    return {
      status: answer.status,
      get: (names: readonly string[]) => names.map((name) => answer.headers.get(name)),
      retryAfter: answer.headers.get('retry-after'),
    };
  }

  it('are the legacy ones unless told otherwise: integers, and unix seconds for the reset', async () => {
    const { get } = await headersOf(undefined, '/one');
    expect(get(LEGACY)).toEqual(['2', '1', String(Math.ceil((NOW + 60_000) / 1_000))]);
    expect(get(STANDARD)).toEqual([null, null]);
  });

  it('show the tightest of several limits in the legacy form, and all of them in the standard one', async () => {
    const { get } = await headersOf('both', '/several', 2);
    expect(get(LEGACY)).toEqual(['3', '1', String(Math.ceil((NOW + 3_600_000) / 1_000))]);
    expect(get(STANDARD)).toEqual(['"burst";q=5;w=1, "steady";q=3;w=3600', '"burst";r=3;t=1, "steady";r=1;t=3600']);
  });

  it('come with a refusal, and a Retry-After of whole seconds', async () => {
    const { status, get, retryAfter } = await headersOf('both', '/one', 3);
    expect([status, retryAfter]).toEqual([429, '60']);
    expect(get(LEGACY)).toEqual(['2', '0', String(Math.ceil((NOW + 60_000) / 1_000))]);
    expect(get(STANDARD)).toEqual(['"default";q=2;w=60', '"default";r=0;t=60']);
  });

  it('name all limits of the route with a refusal too, and how the caller stands with those that were looked at', async () => {
    const { status, get } = await headersOf('both', '/refused', 2);
    expect(status).toBe(429);
    expect(get(STANDARD)).toEqual(['"burst";q=1;w=1, "steady";q=3;w=3600', '"burst";r=0;t=1']);
  });

  it.each([
    ['none', '/one'],
    ['both', '/free'],
    ['both', '/exempt'],
    ['both', '/shadow'],
  ] as const)('are absent with %s on %s', async (form, path) => {
    const { status, get } = await headersOf(form, path, 2);
    expect([status, ...get([...LEGACY, ...STANDARD])]).toEqual([200, null, null, null, null, null]);
  });
});
