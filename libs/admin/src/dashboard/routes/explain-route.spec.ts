import { MemoryBackend, WaygateEngine, type RouteDeclaration } from '@waygate/core';
import { describe, expect, it } from 'vitest';
import { callerOf, hasCaller, problemOf, readCallerQuery, type CallerQuery } from './caller-query.js';
import { explainRoute } from './explain-route.js';
import { idleLimits } from './idle-limits.js';

const NOBODY: CallerQuery = { ip: '', user: '', apiKey: '', roles: '', attributes: '' };

async function engineWith(declaration: RouteDeclaration = {}) {
  const engine = new WaygateEngine({ backend: new MemoryBackend(), environment: 'dev' });
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration }]);
  engine.rateLimits.declare('GET:/a', []);
  const explained = async (caller: Partial<CallerQuery> = {}) => {
    const route = engine.sync.routes.get('GET:/a');
    const query = { ...NOBODY, ...caller };
    const given = { route, environment: 'dev', idle: idleLimits(engine, route), hasCaller: hasCaller(query) };
    return explainRoute(await engine.explain(route.key, callerOf(query)), given);
  };
  const verdicts = async () =>
    (await explained()).map(({ title, verdict, isReached }) => `${title}: ${isReached ? verdict : 'not reached'}`);
  return { engine, explained, verdicts };
}

describe('what a request meets', () => {
  it('is every check, in their order', async () => {
    const { verdicts } = await engineWith();
    expect(await verdicts()).toEqual(['Global maintenance: pass', 'Environment: pass', 'Route state: pass', 'Limits: skip']);
  });

  it.each([
    ['another environment', { environments: ['prod'] }, 'Environment: block'],
    ['a disabled route', { disabled: { reason: 'gone' } }, 'Route state: block'],
    ['a route in maintenance', { maintenance: { reason: 'moving' } }, 'Route state: block'],
  ] as const)('stops at %s, and tells what was not reached', async (_name, declaration, last) => {
    const { verdicts } = await engineWith(declaration);
    expect(await verdicts()).toContain(last);
    expect((await verdicts()).at(-1)).toBe('Limits: not reached');
  });

  it('goes past maintenance for exempt and for force-active routes', async () => {
    const { engine, explained } = await engineWith();
    await engine.maintenance.enable({ exempt: ['/a'] });
    expect((await explained())[0]).toMatchObject({ verdict: 'pass', detail: 'On, but this route is exempt.' });
    const vital = await engineWith({ forceActive: true });
    await vital.engine.maintenance.enable({});
    expect(await vital.verdicts()).toEqual(['Global maintenance: pass', 'Force-active: pass']);
    await vital.engine.maintenance.enable({ includeForceActive: true });
    expect((await vital.verdicts())[0]).toBe('Global maintenance: block');
  });

  it('says by whom and by which limit a caller is counted', async () => {
    const { engine, explained } = await engineWith();
    await engine.rateLimits.set('GET:/a', { limit: '5/minute', exemptIps: ['10.0.0.0/8'] });
    const tiers = [{ name: 'pro', limit: '90/minute' }];
    await engine.rateLimits.set('GET:/a', { name: 'plan', limit: '9/minute', key: 'user', tiers });
    const told = async (caller?: Partial<CallerQuery>) =>
      (await explained(caller))
        .slice(3)
        .map(
          ({ title, verdict, detail }) =>
            `${title} ${verdict} ${detail.replace(/^.* resets [^ ]* /, '').split(/[,;:] /)[0] ?? ''}`,
        );
    expect(await told()).toEqual([
      "Limit 'default' count 5/minute for each address",
      "Limit 'plan' count 9/minute for each user",
    ]);
    expect(await told({ ip: '10.1.2.3', user: 'ann', attributes: 'plan = pro' })).toEqual([
      "Limit 'default' skip 5/minute",
      "Limit 'plan' count 90/minute (tier pro)",
    ]);
    expect((await explained({ ip: '203.0.113.7' }))[3]?.detail).toContain('counted as 203.0.113.7');
  });

  it('reads the live counter without counting, and says that the next request would be refused', async () => {
    const { engine, explained } = await engineWith();
    await engine.rateLimits.set('GET:/a', { limit: '2/minute' });
    const route = engine.rateLimits.declare('GET:/a', []);
    const caller = callerOf({ ...NOBODY, ip: '203.0.113.7' });
    const usage = async () => (await explained({ ip: '203.0.113.7' }))[3];
    expect(await usage()).toMatchObject({ verdict: 'count' });
    for (const used of [1, 2]) {
      await engine.limit(route, 'origin', caller, 'GET');
      expect((await usage())?.detail).toContain(`${used} of 2 used in this process`);
      expect((await usage())?.detail).toContain(`${used} of 2 used in this process`);
    }
    expect(await usage()).toMatchObject({ verdict: 'block' });
  });

  it('tells limits that are paused or off', async () => {
    const { engine, explained } = await engineWith();
    await engine.rateLimits.global.set({ limit: '5/minute' });
    await engine.rateLimits.global.pause();
    expect((await explained()).at(-1)).toMatchObject({ title: 'Limit over everything', verdict: 'skip' });
  });

  it('refuses what is no address', () => {
    const query = (text: string) => readCallerQuery((name) => (name === 'ip' ? text : ''));
    expect(problemOf(query(' 203.0.113.7 '))).toBeNull();
    expect(problemOf(query('nonsense'))).toContain('nonsense');
  });
});
