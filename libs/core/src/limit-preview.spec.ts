import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryBackend } from './backend/memory-backend.js';
import { WaygateEngine } from './engine.js';
import type { Caller } from './model/caller.js';
import type { RateLimitInput } from './schema/rate-limit.js';

const KEY = 'GET:/posts';
const START = 1_700_000_000_000;

async function engineAt(clock: { now: number }, limit?: RateLimitInput) {
  const engine = new WaygateEngine({ backend: new MemoryBackend(), clock: () => clock.now, stats: true });
  await engine.open();
  await engine.routes.register([
    { key: KEY, declaration: {} },
    { key: 'GET:/other', declaration: {} },
  ]);
  const route = engine.rateLimits.declare(KEY, limit === undefined ? [] : [limit]);
  const come = (ip: string, user: string | null = null, key = KEY) =>
    engine.stats.log?.add(key, clock.now, { ip, knownUser: user, apiKey: null });
  return { engine, route, come };
}

const callerFrom = (ip: string): Caller => ({
  ip,
  apiKey: null,
  user: null,
  roles: [],
  attribute: () => null,
  request: undefined,
});
const onPosts = (key: string) => key === KEY;

describe('the preview of a limit', () => {
  it('says what the limit would have refused, had it held when the requests came', async () => {
    const requests = fc.array(fc.tuple(fc.nat(4_000), fc.nat(3)), { maxLength: 80 });
    const limits = fc.record({
      limit: fc.constantFrom('1/second', '3/10seconds', '5/minute', '0/minute'),
      algorithm: fc.constantFrom('fixed_window', 'sliding_window', 'moving_window', 'token_bucket'),
      burst: fc.nat(2),
      key: fc.constantFrom('ip', 'global'),
    } as const);
    await fc.assert(
      fc.asyncProperty(requests, limits, async (steps, limit) => {
        const clock = { now: START };
        const { engine, route, come } = await engineAt(clock, limit);
        let refused = 0;
        for (const [wait, who] of steps) {
          clock.now += wait;
          const ip = `192.0.2.${who}`;
          come(ip);
          if ((await engine.limit(route, 'origin', callerFrom(ip), 'GET')).outcome === 'block') refused++;
        }
        const preview = engine.previewLimit(limit, onPosts);
        expect([preview.blocked, preview.requests, preview.factor]).toEqual([refused, steps.length, 1]);
        await engine.close();
      }),
      { numRuns: 60 },
    );
  });

  it('tells who would be refused most, and leaves out other routes', async () => {
    const clock = { now: START };
    const { engine, come } = await engineAt(clock);
    for (let i = 0; i < 10; i++) come('192.0.2.1');
    for (let i = 0; i < 5; i++) come('192.0.2.2');
    come('192.0.2.3');
    for (let i = 0; i < 50; i++) come('192.0.2.4', null, 'GET:/other');
    expect(engine.previewLimit({ limit: '2/minute' }, onPosts)).toMatchObject({
      requests: 16,
      callers: 3,
      blocked: 11,
      blockedCallers: 2,
      top: [
        { caller: '192.0.2.1', requests: 10, blocked: 8 },
        { caller: '192.0.2.2', requests: 5, blocked: 3 },
      ],
      since: START,
      unknown: [],
    });
    await engine.close();
  });

  it('says what it does not know instead of guessing', async () => {
    const clock = { now: START };
    const { engine, come } = await engineAt(clock);
    come('192.0.2.1', 'alice');
    come('192.0.2.1');
    expect(engine.previewLimit({ limit: '0/minute', key: 'user' }, onPosts)).toMatchObject({ blocked: 1, uncounted: 1 });
    expect(engine.previewLimit({ limit: '0/minute', key: 'custom' }, onPosts)).toMatchObject({ blocked: 0, unknown: ['key'] });
    const tiers = [{ name: 'pro', limit: '9/minute' }];
    expect(engine.previewLimit({ limit: '1/minute', tiers, exemptRoles: ['staff'] }, onPosts).unknown).toEqual([
      'tiers',
      'exempt roles',
    ]);
    expect(engine.previewLimit({ limit: '0/minute', exemptIps: ['192.0.2.0/24'] }, onPosts)).toMatchObject({
      blocked: 0,
      uncounted: 2,
    });
    expect(() => engine.previewLimit({ limit: 'much' }, onPosts)).toThrow(/much/);
    await engine.close();
  });

  it('is empty, and says so, while statistics are off', async () => {
    const engine = new WaygateEngine({ backend: new MemoryBackend() });
    expect(engine.previewLimit({ limit: '1/minute' }, () => true)).toMatchObject({ requests: 0, since: null });
    await engine.close();
  });
});
