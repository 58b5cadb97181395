import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import { ValidationError } from '../model/errors.js';
import type { FlagInput } from '../schema/flag.js';

const START = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
let now = START;
let backend: MemoryBackend;
let engine: WaygateEngine;
let other: WaygateEngine;

async function start(): Promise<WaygateEngine> {
  const started = new WaygateEngine({ backend, clock: () => now });
  await started.open();
  return started;
}

beforeEach(async () => {
  now = START;
  backend = new MemoryBackend();
  engine = await start();
  other = await start();
  await engine.flags.create(flag());
});
afterEach(() => Promise.all([engine.close(), other.close()]));

const iso = (ms: number) => new Date(ms).toISOString();
function flag(more: Partial<FlagInput> = {}): FlagInput {
  return {
    key: 'f',
    type: 'boolean',
    variations: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    offVariation: 'off',
    fallthrough: 'on',
    ...more,
  };
}
const on = (context = { targetingKey: 'u' }, of = engine) => of.sync.flags.boolean('f', false, context);
const trail = async () =>
  (await engine.audit.list()).items.map(({ action, actor, platform }) => `${action} ${actor} ${platform}`);

describe('a switch for a time', () => {
  it('goes back by itself, everywhere and to the millisecond, without anybody recording it', async () => {
    const view = await engine.flags.disable('f', { expiresIn: '1h' });
    expect(view).toMatchObject({ enabled: false, switchBackAt: iso(START + HOUR) });
    expect(on()).toBe(false);
    now = START + HOUR - 1;
    expect(on()).toBe(false);
    now++;
    expect([on(), on({ targetingKey: 'u' }, other)]).toEqual([true, true]);
    expect(engine.sync.flags.get('f')).toMatchObject({ enabled: true, switchBackAt: null });
    now = START;
    expect(on()).toBe(false);
  });

  it('is recorded once, by whichever engine comes first', async () => {
    await engine.flags.disable('f', { expiresAt: START + HOUR });
    expect([engine.flags.nextDue(), await engine.flags.runDue()]).toEqual([START + HOUR, 0]);
    now = START + 2 * HOUR;
    const recorded = await Promise.all([
      engine.flags.runDue(),
      other.flags.runDue(),
      engine.flags.runDue(),
      other.flags.runDue(),
    ]);
    expect(recorded.reduce((a, b) => a + b)).toBe(1);
    expect((await trail()).filter((entry) => entry.includes('scheduler'))).toEqual(['flag_enabled scheduler scheduler']);
    expect(engine.flags.nextDue()).toBeNull();
    expect(engine.sync.flags.get('f').updatedAt).toBe(iso(START + HOUR));
  });

  it('is forgotten when somebody switches for good', async () => {
    await engine.flags.disable('f', { expiresIn: '1h' });
    await engine.flags.disable('f');
    now += 2 * HOUR;
    expect(on()).toBe(false);
  });

  it.each([
    ['both', { expiresIn: '1h', expiresAt: START + 1 }, 'expiresIn'],
    ['the past', { expiresAt: START }, 'expiresAt'],
    ['nonsense', { expiresIn: 'soon' }, 'expiresIn'],
  ])('is refused for %s', async (_what, expiry, field) => {
    await expect(engine.flags.disable('f', expiry)).rejects.toMatchObject({ field });
  });
});

describe('a scheduled change', () => {
  it('of every kind holds from its moment on', async () => {
    await engine.flags.schedule('f', { action: 'disable', executeAt: START + HOUR });
    await engine.flags.schedule('f', { action: 'enable', executeAt: iso(START + 2 * HOUR) });
    await engine.flags.schedule('f', { action: 'update_rollout', executeAt: START + 3 * HOUR, payload: { variation: 'off' } });
    await engine.flags.schedule('f', { action: 'add_rule', executeAt: START + 4 * HOUR, payload: { id: 'r', variation: 'on' } });
    await engine.flags.schedule('f', { action: 'delete_rule', executeAt: START + 5 * HOUR, payload: { ruleId: 'r' } });
    const seen: boolean[] = [];
    for (let hour = 0; hour <= 5; hour++) {
      now = START + hour * HOUR;
      seen.push(on());
    }
    expect(seen).toEqual([true, false, true, false, true, false]);
    expect(await engine.flags.runDue()).toBe(5);
    expect(engine.sync.flags.get('f')).toMatchObject({ enabled: true, fallthrough: 'off', rules: [], scheduledChanges: [] });
    expect((await trail()).slice(0, 5)).toEqual([
      'flag_updated scheduler scheduler',
      'flag_updated scheduler scheduler',
      'flag_updated scheduler scheduler',
      'flag_enabled scheduler scheduler',
      'flag_disabled scheduler scheduler',
    ]);
  });

  it('that fell due while nobody ran holds from the first evaluation on, and is recorded once', async () => {
    await engine.flags.schedule('f', { action: 'disable', executeAt: START + HOUR }, { actor: 'alice' });
    await engine.close();
    await other.close();
    now = START + 24 * HOUR;
    engine = await start();
    other = await start();
    expect(on()).toBe(false);
    const recorded = await Promise.all([engine.flags.runDue(), other.flags.runDue()]);
    expect(recorded.toSorted()).toEqual([0, 1]);
  });

  it('that fell due is recorded with the next change by hand, and not again', async () => {
    await engine.flags.schedule('f', { action: 'disable', executeAt: START + HOUR });
    now = START + 2 * HOUR;
    await engine.flags.patch('f', { description: 'by hand' });
    expect(engine.sync.flags.get('f')).toMatchObject({ enabled: false, description: 'by hand', scheduledChanges: [] });
    expect((await trail()).slice(0, 2)).toEqual(['flag_updated system code', 'flag_disabled scheduler scheduler']);
    expect(await engine.flags.runDue()).toBe(0);
  });

  it('can be given up, once', async () => {
    const { scheduledChanges } = await engine.flags.schedule('f', { action: 'disable', executeAt: START + HOUR });
    const id = scheduledChanges[0]?.id ?? '';
    await engine.flags.unschedule('f', id);
    now += 2 * HOUR;
    expect(on()).toBe(true);
    await expect(engine.flags.unschedule('f', id)).rejects.toThrow(ValidationError);
  });
});

describe('a progressive rollout', () => {
  const callers = Array.from({ length: 400 }, (_, i) => ({ targetingKey: `user-${i}` }));
  const served = (of = engine) => callers.filter((context) => on(context, of)).map(({ targetingKey }) => targetingKey);
  const steps = [{ weight: 10_000 }, { weight: 50_000, after: '1h' }, { weight: 100_000, after: 2 * HOUR }];

  beforeEach(async () => {
    await engine.flags.patch('f', { fallthrough: 'off' });
    await engine.flags.rollout('f', { variation: 'on', steps }, { actor: 'alice' });
  });

  it('grows by its steps, never takes the variation from anybody, and ends as the fallthrough', async () => {
    const shares: string[][] = [];
    for (const hour of [0, 1, 2, 3]) {
      now = START + hour * HOUR;
      expect(served(other)).toEqual(served());
      shares.push(served());
    }
    const [first, second, third, fourth] = shares as [string[], string[], string[], string[]];
    expect(first.length).toBeGreaterThan(15);
    expect(first.length).toBeLessThan(75);
    expect(second.length).toBeGreaterThan(150);
    expect(second).toEqual(expect.arrayContaining(first));
    expect(third).toEqual(second);
    expect(fourth).toHaveLength(400);
    expect(engine.sync.flags.get('f')).toMatchObject({ fallthrough: 'on', progressiveRollout: null });
    expect(await engine.flags.runDue()).toBe(3);
    expect((await engine.audit.list({ limit: 3 })).items.map(({ reason }) => reason)).toEqual([
      "'on' is at 100 %",
      "'on' is at 50 %",
      "'on' is at 10 %",
    ]);
  });

  it('records each step once over the fleet', async () => {
    let recorded = 0;
    for (const hour of [0, 1, 2, 3]) {
      now = START + hour * HOUR;
      const counts = await Promise.all([engine.flags.runDue(), other.flags.runDue()]);
      recorded += counts.reduce((a, b) => a + b);
    }
    expect(recorded).toBe(3);
    expect(engine.flags.nextDue()).toBeNull();
  });

  it('stands still while it is paused, and goes on with what was left of the step', async () => {
    now = START + HOUR / 2;
    await engine.flags.pauseRollout('f');
    now = START + 10 * HOUR;
    expect(served().length).toBeLessThan(75);
    expect(engine.flags.nextDue()).toBeNull();
    await engine.flags.resumeRollout('f');
    expect(engine.flags.nextDue()).toBe(now + HOUR / 2);
    now += HOUR / 2 - 1;
    expect(served().length).toBeLessThan(75);
    now++;
    expect(served().length).toBeGreaterThan(150);
  });

  it('gives way to what it replaced when it is aborted', async () => {
    now += HOUR;
    await engine.flags.abortRollout('f');
    expect(served()).toEqual([]);
    await expect(engine.flags.abortRollout('f')).rejects.toThrow(ValidationError);
  });

  it('ends when somebody writes another fallthrough, and stays when something else is written', async () => {
    await engine.flags.patch('f', { description: 'x' });
    expect(engine.sync.flags.get('f').progressiveRollout).not.toBeNull();
    await engine.flags.patch('f', { fallthrough: 'on' });
    expect(engine.sync.flags.get('f').progressiveRollout).toBeNull();
  });

  it('can grow within a rule', async () => {
    await engine.flags.abortRollout('f');
    await engine.flags.patch('f', {
      rules: [{ id: 'r', variation: 'off', clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }] }],
    });
    await engine.flags.rollout('f', { variation: 'on', ruleId: 'r', steps: [{ weight: 100_000, after: '1h' }] });
    const pro = { targetingKey: 'u', plan: 'pro' };
    expect(on(pro)).toBe(false);
    now += HOUR;
    expect([on(pro), on()]).toEqual([true, false]);
    expect(await engine.flags.runDue()).toBe(1);
    expect(engine.sync.flags.get('f').rules[0]).toMatchObject({ variation: 'on', rollout: null });
  });

  it.each([
    ['an unknown variation', { variation: 'x', steps: [{ weight: 1 }] }, 'variation'],
    ['no steps', { variation: 'on', steps: [] }, 'steps'],
    ['steps that fall', { variation: 'on', steps: [{ weight: 5 }, { weight: 4 }] }, 'steps[1].weight'],
    ['a weight beyond everything', { variation: 'on', steps: [{ weight: 100_001 }] }, 'steps[0].weight'],
    ['an unknown rule', { variation: 'on', ruleId: 'x', steps: [{ weight: 1 }] }, 'ruleId'],
    ['nothing to grow against', { variation: 'off', steps: [{ weight: 1 }] }, 'otherwise'],
    ['a length that is none', { variation: 'on', steps: [{ weight: 1, after: 'soon' }] }, 'steps[0].after'],
  ])('is refused for %s', async (_what, rollout, field) => {
    await engine.flags.abortRollout('f');
    await expect(engine.flags.rollout('f', rollout)).rejects.toMatchObject({ field });
  });

  it('may have a step that no date is late enough for: it never comes', async () => {
    const steps = [{ weight: 1_000 }, { weight: 100_000, after: '9999999999w' }];
    await engine.flags.create(flag({ key: 'g' }));
    await engine.flags.rollout('g', { variation: 'on', otherwise: 'off', steps });
    expect((await engine.flags.get('g')).progressiveRollout).toMatchObject({ variation: 'on' });
    expect(await engine.flags.evaluate('g', { targetingKey: 'u' })).not.toMatchObject({ reason: 'ERROR' });
    await engine.flags.abortRollout('g');
    expect((await engine.flags.get('g')).progressiveRollout).toBeNull();
  });

  it('is refused while another is under way', async () => {
    await expect(engine.flags.rollout('f', { variation: 'on', steps })).rejects.toMatchObject({ field: 'rollout' });
  });
});
