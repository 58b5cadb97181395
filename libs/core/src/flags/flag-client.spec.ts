import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';
import { overrideFlags } from '../testing/override-flags.js';
import type { OpenFeatureHook } from './open-feature.js';
import type { FlagInput } from '../schema/flag.js';

let backend: MemoryBackend;
let engine: WaygateEngine;

beforeEach(async () => {
  backend = new MemoryBackend();
  engine = new WaygateEngine({ backend, clock: () => Date.UTC(2026, 10, 21) });
  await engine.open();
  await engine.flags.create(flag());
  await engine.flags.create({ ...flag('s'), type: 'string', variations: values('a', 'b') });
  await engine.flags.create({ ...flag('n'), type: 'float', variations: values(1.5, 2) });
  await engine.flags.create({ ...flag('j'), type: 'json', variations: values({ a: 1 }, []) });
});
afterEach(() => engine.close());

function values(on: FlagInput['variations'][number]['value'], off: FlagInput['variations'][number]['value']) {
  return [
    { name: 'on', value: on },
    { name: 'off', value: off },
  ];
}

function flag(key = 'b', more: Partial<FlagInput> = {}): FlagInput {
  const rules = [{ id: 'r', variation: 'on', clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }] }] as const;
  return { key, type: 'boolean', variations: values(true, false), offVariation: 'off', fallthrough: 'off', rules, ...more };
}

const pro = { targetingKey: 'u', plan: 'pro' };

describe('engine.flagClient', () => {
  it('gives values and details of every type', async () => {
    const client = engine.flagClient;
    expect(await client.getBooleanValue('b', false, pro)).toBe(true);
    expect(await client.getStringValue('s', 'x', pro)).toBe('a');
    expect(await client.getNumberValue('n', 0, pro)).toBe(1.5);
    expect(await client.getObjectValue('j', {}, pro)).toEqual({ a: 1 });
    expect(await client.getBooleanDetails('b', false, pro)).toEqual({
      flagKey: 'b',
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
      flagMetadata: { flagRevision: 1, ruleId: 'r' },
    });
    expect(await client.getStringDetails('s', 'x')).toMatchObject({ value: 'b', variant: 'off', reason: 'DEFAULT' });
    expect(await client.getNumberDetails('n', 0)).toMatchObject({ value: 2 });
    expect(await client.getObjectDetails('j', {})).toMatchObject({ value: [] });
  });

  it.each([
    ['nothing', 'FLAG_NOT_FOUND'],
    ['s', 'TYPE_MISMATCH'],
  ])('gives the default and an error code for %s', async (key, errorCode) => {
    expect(await engine.flagClient.getBooleanValue(key, true)).toBe(true);
    const details = await engine.flagClient.getBooleanDetails(key, true);
    expect(details).toMatchObject({ value: true, reason: 'ERROR', errorCode, errorMessage: expect.any(String) as string });
    expect(details.variant).toBeUndefined();
  });

  it('merges contexts: of the request, of the client, of the call', async () => {
    const client = engine.flagClient;
    expect(client.getContext()).toEqual({});
    client.setTransactionContext(() => ({ plan: 'pro' }));
    expect(await client.getBooleanValue('b', false)).toBe(true);
    expect(await client.getBooleanValue('b', false, { plan: 'free' })).toBe(false);
    client.setContext({ plan: 'free' });
    expect(await client.getBooleanValue('b', false)).toBe(false);
    expect(await client.getBooleanValue('b', false, { plan: 'pro' })).toBe(true);
    client.setContext({});
    client.setTransactionContext(null);
    expect(await client.getBooleanValue('b', false)).toBe(false);
  });

  describe('with hooks', () => {
    const seen: string[] = [];
    const recorder = (name: string, more: OpenFeatureHook = {}): OpenFeatureHook => ({
      before: () => void seen.push(`before ${name}`),
      after: () => void seen.push(`after ${name}`),
      error: () => void seen.push(`error ${name}`),
      finally: () => void seen.push(`finally ${name}`),
      ...more,
    });
    beforeEach(() => void (seen.length = 0));

    it('runs them around the evaluation, the later stages in reverse', async () => {
      engine.flagClient.addHooks(recorder('client 1'), recorder('client 2'));
      expect(await engine.flagClient.getBooleanValue('b', false, pro, { hooks: [recorder('call')] })).toBe(true);
      expect(seen).toEqual([
        'before client 1',
        'before client 2',
        'before call',
        'after call',
        'after client 2',
        'after client 1',
        'finally call',
        'finally client 2',
        'finally client 1',
      ]);
      expect(engine.flagClient.getHooks()).toHaveLength(2);
      expect(engine.flagClient.clearHooks().getHooks()).toEqual([]);
    });

    it('runs error hooks when there is no value, with an error that has a code', async () => {
      const errors: unknown[] = [];
      engine.flagClient.addHooks(recorder('1', { error: (_context, error) => void errors.push(error) }));
      expect(await engine.flagClient.getBooleanDetails('nothing', true)).toMatchObject({
        value: true,
        errorCode: 'FLAG_NOT_FOUND',
      });
      expect(errors).toMatchObject([{ code: 'FLAG_NOT_FOUND', message: "There is no flag 'nothing'." }]);
      expect(seen).toEqual(['before 1', 'finally 1']);
    });

    it('gives the default when a hook fails before or after, and goes on when one fails in the end', async () => {
      const logged: unknown[] = [];
      const silent = () => undefined;
      engine.flagClient.setLogger({ error: (message) => logged.push(message), warn: silent, info: silent, debug: silent });
      const fail = () => {
        throw new Error('broken hook');
      };
      for (const stage of ['before', 'after'] as const) {
        const details = await engine.flagClient.getBooleanDetails('b', false, pro, { hooks: [recorder('1', { [stage]: fail })] });
        expect(details).toMatchObject({ value: false, reason: 'ERROR', errorCode: 'GENERAL', errorMessage: 'broken hook' });
      }
      expect(await engine.flagClient.getBooleanValue('b', false, pro, { hooks: [recorder('1', { finally: fail })] })).toBe(true);
      expect(logged).toHaveLength(1);
    });

    it('lets a hook add to the context, keep data, and read hints', async () => {
      const hook: OpenFeatureHook = {
        before: ({ hookData }, hints) => {
          hookData.set('started', hints?.['tag']);
          return { plan: 'pro' };
        },
        after: ({ hookData, context }, details) => {
          seen.push(`${String(hookData.get('started'))} ${JSON.stringify(context['plan'])} ${String(details.variant)}`);
        },
      };
      expect(await engine.flagClient.getBooleanValue('b', false, {}, { hooks: [hook], hookHints: { tag: 'x' } })).toBe(true);
      expect(seen).toEqual(['x "pro" on']);
    });
  });

  describe('tells handlers', () => {
    it('of readiness at once when it is ready already, and of what ends it', async () => {
      const seen: string[] = [];
      const { flagClient } = engine;
      expect(flagClient.providerStatus).toBe('READY');
      flagClient.addHandler('PROVIDER_READY', (details) => void seen.push(`ready ${String(details?.providerName)}`));
      flagClient.addHandler('PROVIDER_STALE', () => void seen.push('stale'));
      flagClient.addHandler('PROVIDER_ERROR', (details) => void seen.push(`${String(details?.errorCode)}: ${details?.message}`));
      expect(seen).toEqual(['ready waygate']);
      await engine.close();
      expect(seen).toEqual(['ready waygate', expect.stringMatching(/^GENERAL: .*closed/)]);
      expect(flagClient.providerStatus).toBe('ERROR');
      expect(await flagClient.getBooleanDetails('b', false, pro)).toMatchObject({ value: true, reason: 'STALE' });
    });

    it('of every flag that may resolve differently now, through segments and prerequisites', async () => {
      const seen: unknown[] = [];
      const rules = [{ variation: 'on', clauses: [{ operator: 'in_segment', values: ['outer'] }] }] as const;
      await engine.segments.create({ key: 'inner' });
      await engine.segments.create({ key: 'outer', rules: [{ clauses: [{ operator: 'in_segment', values: ['inner'] }] }] });
      await engine.flags.create(flag('of-segment', { rules }));
      await engine.flags.create(flag('of-flag', { prerequisites: [{ flagKey: 'of-segment', variation: 'on' }] }));
      const controller = new AbortController();
      const handler = (details?: { flagsChanged?: string[] }) => void seen.push(details?.flagsChanged);
      engine.flagClient.addHandler('PROVIDER_CONFIGURATION_CHANGED', handler, { signal: controller.signal });
      await engine.segments.include('inner', ['u']);
      await engine.flags.disable('b');
      await engine.maintenance.enable();
      controller.abort();
      await engine.flags.enable('b');
      expect(seen).toEqual([['of-flag', 'of-segment'], ['b']]);
      expect(engine.flagClient.getHandlers('PROVIDER_CONFIGURATION_CHANGED')).toEqual([]);
    });

    it('and survives those that throw', async () => {
      const logged: unknown[] = [];
      const silent = () => undefined;
      engine.flagClient.setLogger({ error: (message) => logged.push(message), warn: silent, info: silent, debug: silent });
      engine.flagClient.addHandler('PROVIDER_CONFIGURATION_CHANGED', () => Promise.reject(new Error('x')));
      engine.flagClient.addHandler('PROVIDER_CONFIGURATION_CHANGED', () => {
        throw new Error('y');
      });
      await engine.flags.disable('b');
      await Promise.resolve();
      expect(logged).toHaveLength(2);
    });
  });

  it('says that it is not ready before the engine was opened', async () => {
    const closed = new WaygateEngine({ backend: new MemoryBackend() });
    expect(closed.flagClient.providerStatus).toBe('NOT_READY');
    expect(await closed.flagClient.getBooleanValue('b', true)).toBe(true);
    expect(await closed.flagClient.getBooleanDetails('b', true)).toMatchObject({ value: true, errorCode: 'PROVIDER_NOT_READY' });
  });

  it('hands on what is tracked', () => {
    const seen: unknown[] = [];
    engine.events.on('track', (event) => seen.push(event));
    engine.flagClient.track('checkout', { targetingKey: 'u' }, { value: 9 });
    expect(seen).toEqual([{ at: engine.now(), name: 'checkout', context: { targetingKey: 'u' }, details: { value: 9 } }]);
  });
});

describe('overrideFlags', () => {
  it('holds within the function and what it awaits, nests, and touches nobody else', async () => {
    const { flags } = engine.sync;
    const later = async () => {
      await Promise.resolve();
      return flags.boolean('b', false);
    };
    const [inside, outside] = await Promise.all([overrideFlags(engine, { b: true }, later), later()]);
    expect([inside, outside]).toEqual([true, false]);
    overrideFlags(engine, { b: true, unknown: 'yes' }, () => {
      expect(flags.string('unknown', 'no')).toBe('yes');
      expect(flags.details('b', false)).toMatchObject({ value: true, reason: 'OVERRIDE', openFeatureReason: 'STATIC' });
      overrideFlags(engine, { b: false }, () => {
        expect([flags.boolean('b', true), flags.string('unknown', 'no')]).toEqual([false, 'yes']);
      });
      expect(flags.boolean('b', false)).toBe(true);
      expect(flags.details('b', 'text')).toMatchObject({ value: 'text', errorCode: 'TYPE_MISMATCH' });
    });
    expect(flags.details('unknown', 'no')).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
  });
});
