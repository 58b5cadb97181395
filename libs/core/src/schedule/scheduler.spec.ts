import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import { Environment } from '../config/environment.js';
import { ValidationError } from '../model/errors.js';
import type { ChangeSet } from '../schema/record.js';

const START = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;
const at = (ms: number) => new Date(START + ms).toISOString();
const engines: WaygateEngine[] = [];

async function open(backend = new MemoryBackend()): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend, surroundings: Environment.read('/', {}) });
  engines.push(engine);
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
  return engine;
}

async function edges(engine: WaygateEngine): Promise<string[]> {
  const { items } = await engine.audit.list({ actor: 'scheduler', limit: 1000 });
  return items.toReversed().map(({ action, key, at: moment }) => `${moment} ${action} ${key}`);
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  vi.useRealTimers();
});

describe('a scheduled maintenance', () => {
  it('leaves the route as it is, blocks it in its window, and leaves it as it was', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a', { reason: 'broken' });
    await engine.routes.schedule('GET:/a', { start: at(HOUR), end: at(2 * HOUR), reason: 'move' });
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled' });
    expect(engine.sync.routes.get('GET:/a').nextChange).toBe(at(HOUR));
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'maintenance', reason: 'move', endsAt: START + 2 * HOUR });
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'broken' });
  });

  it.each([
    ['before it begins', HOUR / 2],
    ['while it lasts', 1.5 * HOUR],
  ])('can be cancelled %s', async (_when, after) => {
    const engine = await open();
    await engine.routes.schedule('GET:/a', { start: at(HOUR), end: at(2 * HOUR) });
    await vi.advanceTimersByTimeAsync(after);
    await engine.routes.cancelSchedule('GET:/a', { actor: 'bob' });
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    expect((await engine.audit.list({ action: 'schedule_cancelled' })).items).toHaveLength(1);
    await engine.routes.cancelSchedule('GET:/a');
    expect((await engine.audit.list({ action: 'schedule_cancelled' })).items).toHaveLength(1);
  });

  it('is ended by an enable, for good', async () => {
    const engine = await open();
    await engine.routes.schedule('GET:/a', { start: at(HOUR), end: at(2 * HOUR) });
    await vi.advanceTimersByTimeAsync(1.5 * HOUR);
    await engine.routes.enable('GET:/a');
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(await edges(engine)).toEqual([`${at(HOUR)} window_opened GET:/a`]);
  });

  it('comes again and again, by the wall clock of its time zone', async () => {
    const engine = await open();
    // Two in the morning in Berlin is one o'clock UTC in winter, and midnight UTC in summer.
    await engine.routes.schedule('GET:/a', { recurrence: { cron: '0 2 * * *', duration: '30m', timeZone: 'Europe/Berlin' } });
    const blockedAt = (moment: string) => {
      vi.setSystemTime(moment);
      return engine.decide('GET:/a').outcome === 'block';
    };
    expect(blockedAt('2026-01-06T00:59:59.999Z')).toBe(false);
    expect(blockedAt('2026-01-06T01:00:00.000Z')).toBe(true);
    expect(blockedAt('2026-01-06T01:29:59.999Z')).toBe(true);
    expect(blockedAt('2026-01-06T01:30:00.000Z')).toBe(false);
    expect(blockedAt('2026-07-06T00:00:00.000Z')).toBe(true);
    expect(blockedAt('2026-07-06T01:00:00.000Z')).toBe(false);
    // The clock jumps from two to three on 29 March: the window opens when the missing hour is over.
    expect(blockedAt('2026-03-29T01:10:00.000Z')).toBe(true);
  });

  it.each([
    [{ start: at(HOUR) }, 'end:'],
    [{ end: at(HOUR) }, 'start:'],
    [{}, 'start:'],
    [{ start: at(2 * HOUR), end: at(HOUR) }, 'must be after the start'],
    [{ start: at(-2 * HOUR), end: at(-HOUR) }, 'is over already'],
    [{ recurrence: { cron: 'soon', duration: '1h' } }, 'window.recurrence.cron'],
    [{ recurrence: { cron: '0 2 30 2 *', duration: '1h' } }, 'never comes'],
    [{ recurrence: { cron: '0 * * * *', duration: '1h' } }, 'window.recurrence.duration'],
    [{ recurrence: { cron: '0 2 * * *', duration: '1h', timeZone: 'Mars/Phobos' } }, 'window.recurrence.timeZone'],
  ])('is refused as %j', async (schedule, problem) => {
    const engine = await open();
    const { revision } = engine;
    await expect(engine.routes.schedule('GET:/a', schedule)).rejects.toThrow(problem);
    await expect(engine.routes.schedule('GET:/a', schedule)).rejects.toBeInstanceOf(ValidationError);
    expect(engine.revision).toBe(revision);
  });

  it('is possible on everything and on a service, over what is on already', async () => {
    const engine = await open();
    await engine.maintenance.schedule({ start: at(HOUR), end: at(2 * HOUR), reason: 'all', exempt: ['/health'] });
    await engine.maintenance.forService('pay').enable({ reason: 'now' });
    await engine.maintenance.forService('pay').schedule({ start: at(HOUR), end: at(2 * HOUR), reason: 'pay' });
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    expect(await engine.maintenance.forService('pay').get()).toMatchObject({ current: {} });
    await vi.advanceTimersByTimeAsync(1.5 * HOUR);
    expect(engine.decide('GET:/a')).toMatchObject({ kind: 'maintenance', scope: 'global', reason: 'all' });
    expect(await engine.maintenance.get()).toMatchObject({ current: { until: at(2 * HOUR) } });
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    expect(await engine.maintenance.forService('pay').get()).toMatchObject({ current: { reason: 'now', until: null } });
    expect(await edges(engine)).toEqual([
      `${at(HOUR)} window_opened *`,
      `${at(HOUR)} window_opened pay`,
      `${at(2 * HOUR)} window_closed *`,
      `${at(2 * HOUR)} window_closed pay`,
    ]);
  });
});

describe('what was set for a time', () => {
  it('goes away by itself, on routes, limits, scopes and maintenance', async () => {
    const engine = await open();
    engine.rateLimits.declare('GET:/a', [{ limit: '5/minute' }]);
    await engine.routes.disable('GET:/a', { expiresIn: '1h' });
    await engine.rateLimits.set('GET:/a', { limit: '1/minute' }, { expiresIn: '1h' });
    await engine.rateLimits.global.set({ limit: '100/minute' });
    await engine.rateLimits.global.set({ limit: '10/minute' }, { expiresAt: at(HOUR) });
    await engine.rateLimits.forService('pay').set({ limit: '10/minute' }, { expiresIn: '1h' });
    await engine.maintenance.enable({ expiresIn: '1h' });
    await vi.advanceTimersByTimeAsync(HOUR + 2_000);
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    expect(await engine.rateLimits.get('GET:/a')).toMatchObject({ source: 'declared', policies: [{ limit: '5/minute' }] });
    expect(await engine.rateLimits.global.get()).toMatchObject({ policy: { limit: '100/minute' }, expiresAt: null });
    expect(await engine.rateLimits.forService('pay').get()).toBeNull();
    expect(await engine.maintenance.get()).toMatchObject({ current: null });
    const actions = (await edges(engine)).map((edge) => edge.split(' ').slice(1).join(' '));
    expect(actions.toSorted()).toEqual([
      'override_expired *',
      'override_expired *',
      'override_expired GET:/a',
      'override_expired GET:/a',
      'override_expired pay',
    ]);
  });

  it('pauses a limit for a time', async () => {
    const engine = await open();
    await engine.rateLimits.global.set({ limit: '1/hour' });
    await engine.rateLimits.global.pause({ expiresIn: '10m' });
    expect(await engine.rateLimits.global.get()).toMatchObject({ enabled: false });
    await vi.advanceTimersByTimeAsync(11 * 60_000);
    expect(await engine.rateLimits.global.get()).toMatchObject({ enabled: true });
  });
});

describe('edges in time', () => {
  it('are recorded once by a fleet, with what held before and after, and told to every node', async () => {
    const backend = new MemoryBackend();
    const fleet = await Promise.all(Array.from({ length: 5 }, () => open(backend)));
    const [first] = fleet as [WaygateEngine];
    const heard: string[] = [];
    fleet.forEach((engine, node) => engine.events.on('edge', ({ action }) => heard.push(`${node} ${action}`)));
    await first.routes.schedule('GET:/a', { start: at(HOUR), end: at(2 * HOUR), reason: 'move', actor: 'ann' });
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    const { items } = await first.audit.list({ actor: 'scheduler' });
    expect(items).toMatchObject([
      { action: 'window_closed', platform: 'scheduler', reason: 'move', after: { override: null } },
      { action: 'window_opened', platform: 'scheduler', reason: 'move', after: { override: { setBy: 'ann' } } },
    ]);
    expect(heard).toHaveLength(10);
  });

  it('are recorded once by two schedulers of which one is frozen past its turn, 100 times of 100', async () => {
    for (let round = 0; round < 100; round++) {
      const shared = new MemoryBackend();
      const gate: { frozen?: Promise<void> } = {};
      const slowEngine = new WaygateEngine({ backend: behind(gate, shared), surroundings: Environment.read('/', {}) });
      engines.push(slowEngine);
      await slowEngine.open();
      const quick = await open(shared);
      await quick.routes.schedule('GET:/a', { start: Date.now() + 1_000, end: Date.now() + HOUR });
      let thaw: () => void = () => undefined;
      gate.frozen = new Promise((resolve) => (thaw = resolve));
      await vi.advanceTimersByTimeAsync(1_000 + Math.random() * 400);
      thaw();
      await vi.advanceTimersByTimeAsync(3_000);
      expect(await edges(quick)).toHaveLength(1);
      await slowEngine.close();
      await quick.close();
    }
  });

  it('that passed while nobody ran are recorded by the first who is back, at their own time', async () => {
    const backend = new MemoryBackend();
    const first = await open(backend);
    await first.routes.schedule('GET:/a', { start: at(HOUR), end: at(2 * HOUR) });
    await first.routes.schedule('GET:/a', { recurrence: { cron: '0 0 * * *', duration: '1h' } });
    await first.close();
    vi.setSystemTime(START + 100 * 24 * HOUR);
    const second = await open(backend);
    await vi.advanceTimersByTimeAsync(2_000);
    const recorded = await edges(second);
    expect(recorded.slice(0, 2)).toEqual([`${at(HOUR)} window_opened GET:/a`, `${at(2 * HOUR)} window_closed GET:/a`]);
    // Of a recurring window the latest openings are told, not all hundred.
    expect(recorded).toHaveLength(2 + 2 * 50);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await edges(second)).toHaveLength(102);
  });

  it.each(['0 2 * 2 *', '0 2 29 2 *', '0 2 1-7 * 1', '0 2 L * *'])(
    'are recorded beside a window that recurs at %s',
    async (cron) => {
      const engine = await open();
      await engine.maintenance.schedule({ recurrence: { cron, duration: '1h' } });
      await engine.routes.disable('GET:/a', { expiresIn: '1h' });
      await vi.advanceTimersByTimeAsync(HOUR + 2_000);
      expect(await edges(engine)).toEqual([`${at(HOUR)} override_expired GET:/a`]);
    },
  );

  it('come on time 30 days ahead', async () => {
    const engine = await open();
    const month = 30 * 24 * HOUR;
    await engine.routes.schedule('GET:/a', { start: at(month), end: at(month + HOUR) });
    vi.setSystemTime(START + month - 1_500);
    await vi.advanceTimersByTimeAsync(1_400);
    expect(await edges(engine)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await edges(engine)).toEqual([`${at(month)} window_opened GET:/a`]);
  });

  it('are noticed within two seconds when the clock leaps, forth and back, and never twice', async () => {
    const engine = await open();
    await engine.routes.schedule('GET:/a', { start: at(HOUR), end: at(3 * HOUR) });
    vi.setSystemTime(START + 2 * HOUR);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await edges(engine)).toEqual([`${at(HOUR)} window_opened GET:/a`]);
    vi.setSystemTime(START);
    expect(engine.decide('GET:/a').outcome).toBe('allow');
    await vi.advanceTimersByTimeAsync(4 * HOUR);
    expect(await edges(engine)).toEqual([`${at(HOUR)} window_opened GET:/a`, `${at(3 * HOUR)} window_closed GET:/a`]);
  });

  it('are not covered up by a change that comes right after them', async () => {
    const engine = await open();
    await engine.routes.disable('GET:/a', { expiresAt: at(HOUR) });
    vi.setSystemTime(START + HOUR);
    await engine.routes.enable('GET:/a', { actor: 'eve' });
    const { items } = await engine.audit.list();
    expect(items.slice(0, 2)).toMatchObject([
      { action: 'enable', before: { override: null } },
      { action: 'override_expired', at: at(HOUR) },
    ]);
  });

  it('of a window that changes nothing are not told', async () => {
    const engine = await open();
    await engine.routes.schedule('GET:/a', { start: at(HOUR), end: at(2 * HOUR) });
    await engine.routes.enable('GET:/a', { expiresAt: at(3 * HOUR) });
    await vi.advanceTimersByTimeAsync(4 * HOUR);
    expect(await edges(engine)).toEqual([]);
  });

  it('of a declared window are told too', async () => {
    const engine = await open();
    await engine.routes.register([
      { key: 'GET:/b', declaration: { maintenance: { start: at(HOUR), end: at(2 * HOUR), reason: 'deploy' } } },
    ]);
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(await edges(engine)).toEqual([`${at(HOUR)} window_opened GET:/b`, `${at(2 * HOUR)} window_closed GET:/b`]);
  });
});

/** A backend whose commits go through another one's gate. */
function behind(gate: { readonly frozen?: Promise<void> }, shared: MemoryBackend): MemoryBackend {
  return new Proxy(shared, {
    get(target, name) {
      if (name === 'close') return async () => undefined;
      if (name === 'commit')
        return async (changeSet: ChangeSet) => {
          await gate.frozen;
          return target.commit(changeSet);
        };
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
