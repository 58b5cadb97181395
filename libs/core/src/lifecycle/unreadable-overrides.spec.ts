import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import type { RecordKind } from '../model/vocabulary.js';
import type { RecordWrite } from '../schema/record.js';

const KEY = 'GET:/a';
const declared = { state: 'active', reason: '', window: null, environments: null, deprecation: null, forceActive: false };
const LAYER = {
  reason: 'closed',
  environments: null,
  setAt: '2026-01-01T00:00:00.000Z',
  setBy: 'ops',
  window: null,
  beneath: null,
};

let backend: MemoryBackend;
let engine: WaygateEngine;
const warnings: string[] = [];
const note = ({ message }: Error) => warnings.push(message);
beforeEach(() => {
  backend = new MemoryBackend();
  process.on('warning', note);
});
afterEach(async () => {
  await engine.close();
  process.off('warning', note);
  warnings.length = 0;
});

async function start(): Promise<void> {
  engine = new WaygateEngine({ backend, environment: 'prod' });
  await engine.open();
  await engine.routes.register([{ key: KEY, declaration: {} }]);
}

async function store(kind: RecordKind, key: string, value: object): Promise<void> {
  const { records } = await backend.load();
  const expected = records.find((record) => record.kind === kind && record.key === key)?.revision ?? 0;
  await backend.commit({ writes: [{ kind, key, expected, value } as RecordWrite], audit: [] });
}

const override = (layer: object) => ({ service: null, declared, override: { ...LAYER, ...layer } });

const UNREADABLE: readonly [what: string, value: object][] = [
  ['an unknown state', override({ state: 'read_only' })],
  ['an unknown recurrence', override({ state: 'disabled', window: { start: null, end: null, recurrence: { rrule: 'DAILY' } } })],
  ['a gate without environments', override({ state: 'env_gated' })],
  ['no override at all', {}],
];

describe.each(UNREADABLE)('an override with %s', (_what, value) => {
  it('leaves the last readable restriction in force', async () => {
    await start();
    await engine.routes.setMaintenance(KEY, { reason: 'upgrade' });
    await store('route', KEY, value);
    expect(engine.decide(KEY)).toMatchObject({ outcome: 'block', kind: 'maintenance', reason: 'upgrade' });
  });

  it('blocks a route that was open, and one that a process finds at its start', async () => {
    await start();
    await store('route', KEY, value);
    expect(engine.decide(KEY)).toMatchObject({ outcome: 'block', kind: 'disabled' });
    await engine.close();
    await start();
    expect(engine.decide(KEY)).toMatchObject({ outcome: 'block', kind: 'disabled' });
  });

  it('is reported in the log and as trouble, until it is set again', async () => {
    await start();
    await store('route', KEY, value);
    await expect.poll(() => warnings.join()).toContain(`The override of ${KEY} cannot be read`);
    expect(engine.troubles).toEqual([`the override of ${KEY} cannot be read; set it again`]);
    await engine.routes.enable(KEY);
    expect(engine.troubles).toEqual([]);
    expect(engine.decide(KEY).outcome).toBe('allow');
  });
});

describe('a state that a later version added', () => {
  it('applies as its fallback where it is unknown', async () => {
    await start();
    await store('route', KEY, override({ state: 'read_only', fallback: 'maintenance', reason: 'read-only' }));
    expect(engine.decide(KEY)).toMatchObject({ outcome: 'block', kind: 'maintenance', reason: 'read-only' });
    expect((await engine.routes.get(KEY)).status).toBe('maintenance');
  });

  it('does not open a route by its fallback', async () => {
    await start();
    await store('route', KEY, override({ state: 'read_only', fallback: 'active' }));
    expect(engine.decide(KEY)).toMatchObject({ outcome: 'block', kind: 'disabled' });
  });

  it('applies only inside its window, and what was set before it otherwise', async () => {
    await start();
    const beneath = { ...LAYER, state: 'maintenance', reason: 'before' };
    const window = { start: '2099-01-01T00:00:00.000Z', end: null };
    await store('route', KEY, override({ state: 'read_only', window, beneath }));
    expect(engine.decide(KEY)).toMatchObject({ kind: 'maintenance', reason: 'before' });
  });
});

describe('a maintenance that cannot be read', () => {
  it('applies at a start, and reports trouble', async () => {
    await store('maintenance', '*', { enabled: true, reason: 'moving', exempt: null });
    await start();
    expect(engine.decide(KEY)).toMatchObject({ kind: 'maintenance', scope: 'global', reason: 'moving' });
    expect(engine.troubles).toEqual(['a maintenance cannot be read; set it again']);
  });

  it('leaves the last readable one in force', async () => {
    await start();
    await engine.maintenance.enable({ reason: 'moving' });
    await store('maintenance', '*', { enabled: 'partly' });
    expect(engine.decide(KEY)).toMatchObject({ kind: 'maintenance', reason: 'moving' });
  });
});
