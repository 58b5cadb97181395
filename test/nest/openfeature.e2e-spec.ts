import { createEvaluationEvent } from '@openfeature/core';
import {
  ErrorCode,
  InMemoryProvider,
  OpenFeature,
  ProviderEvents,
  ProviderStatus,
  type Client,
  type EventDetails,
  type Hook,
  type Provider,
} from '@openfeature/server-sdk';
import { AsyncLocalStorageContextManager } from '../support/otel.js';
import { context as otelContext, trace, type Attributes, type Span } from '@opentelemetry/api';
import { Controller, Get, Logger } from '@nestjs/common';
import { FlagLoggingHook, MemoryBackend, WaygateEngine, type FlagInput, type OpenFeatureHookContext } from '@waygate/nestjs';
import { WaygateOpenFeatureModule, WaygateProvider } from '@waygate/nestjs/openfeature';
import { flagAttributes, FlagTelemetryHook } from '@waygate/nestjs/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLATFORMS, startApp } from '../support/nest-app.js';
import { PATIENCE } from '../support/patience.mjs';

/** A backend that can be cut off. */
class Severable extends MemoryBackend {
  #down = false;
  #gap: ((reason: string) => void) | undefined;

  override load(): ReturnType<MemoryBackend['load']> {
    return this.#down ? Promise.reject(new Error('cut off')) : super.load();
  }

  override watch(...[since, onBatch, onGap]: Parameters<MemoryBackend['watch']>): ReturnType<MemoryBackend['watch']> {
    this.#gap = onGap;
    return super.watch(since, onBatch, onGap);
  }

  sever(): void {
    this.#down = true;
    this.#gap?.('cut off');
  }

  mend(): void {
    this.#down = false;
  }
}

const two = <T>(a: T, b: T) => [
  { name: 'a', value: a },
  { name: 'b', value: b },
];
const base = { offVariation: 'a', fallthrough: 'b' } as const;
const pro = [{ id: 'pro', clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }], variation: 'a' }] as const;
const FLAGS: readonly FlagInput[] = [
  { key: 'bool', type: 'boolean', variations: two(false, true), ...base, rules: pro },
  { key: 'text', type: 'string', variations: two('x', 'y'), ...base },
  { key: 'integer', type: 'integer', variations: two(0, 7), ...base },
  { key: 'float', type: 'float', variations: two(0.5, 2.5), ...base },
  { key: 'shape', type: 'json', variations: two<object>({ a: 1 }, { b: [2] }) as never, ...base },
  { key: 'off', type: 'boolean', variations: two(false, true), ...base, enabled: false },
  {
    key: 'split',
    type: 'string',
    variations: two('x', 'y'),
    offVariation: 'a',
    fallthrough: [
      { variation: 'a', weight: 50_000 },
      { variation: 'b', weight: 50_000 },
    ],
  },
  { key: 'target', type: 'boolean', variations: two(false, true), ...base, targets: { a: ['ann'] } },
];

const DOMAIN = 'waygate-test';
let backend: Severable;
let engine: WaygateEngine;
let provider: WaygateProvider;
let client: Client;

beforeEach(async () => {
  backend = new Severable();
  engine = new WaygateEngine({ backend });
  await engine.open();
  for (const flag of FLAGS) await engine.flags.save(flag);
  provider = new WaygateProvider(engine);
  await OpenFeature.setProviderAndWait(DOMAIN, provider);
  client = OpenFeature.getClient(DOMAIN);
});

afterEach(async () => {
  await OpenFeature.clearProviders();
  OpenFeature.clearHandlers();
  OpenFeature.clearHooks();
  await engine.close();
});

const until = (check: () => void) => vi.waitFor(check, { ...PATIENCE, interval: 5 });

describe('specification 2.1 and 2.2: the provider and what it resolves', () => {
  it('2.1.1 names itself', () => {
    expect(provider.metadata.name).toBe('waygate');
    expect(client.metadata.providerMetadata.name).toBe('waygate');
  });

  it.each([
    ['2.2.1, 2.2.2.1, 2.2.3 a boolean', 'bool', () => client.getBooleanDetails('bool', false), true],
    ['2.2.1, 2.2.2.1, 2.2.3 a string', 'text', () => client.getStringDetails('text', 'none'), 'y'],
    ['2.2.1, 2.2.2.1, 2.2.3 an integer', 'integer', () => client.getNumberDetails('integer', -1), 7],
    ['2.2.1, 2.2.2.1, 2.2.3 a float', 'float', () => client.getNumberDetails('float', -1), 2.5],
    ['2.2.1, 2.2.2.1, 2.2.3 a structure', 'shape', () => client.getObjectDetails('shape', {}), { b: [2] }],
  ])('%s is resolved by a method of its own', async (_name, flagKey, resolve, value) => {
    expect(await resolve()).toMatchObject({ flagKey, value, variant: 'b' });
  });

  it('2.2.1 uses the evaluation context', async () => {
    expect(await client.getBooleanValue('bool', true, { plan: 'pro' })).toBe(false);
    expect(await client.getBooleanValue('bool', false, { plan: 'free' })).toBe(true);
  });

  it('2.2.4 tells the variation', async () => {
    expect((await client.getStringDetails('text', '')).variant).toBe('b');
  });

  it.each([
    ['STATIC', 'text', {}],
    ['DEFAULT', 'bool', {}],
    ['TARGETING_MATCH', 'bool', { plan: 'pro' }],
    ['TARGETING_MATCH', 'target', { targetingKey: 'ann' }],
    ['SPLIT', 'split', { targetingKey: 'ann' }],
    ['DISABLED', 'off', {}],
  ])('2.2.5 gives the reason %s for %s', async (reason, key, context) => {
    const details =
      key === 'text' || key === 'split'
        ? await client.getStringDetails(key, '', context)
        : await client.getBooleanDetails(key, true, context);
    expect(details.reason).toBe(reason);
  });

  it('2.2.5 gives the reason STALE while the source is away', async () => {
    backend.sever();
    await until(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    expect(await client.getStringDetails('text', '')).toMatchObject({ value: 'y', reason: 'STALE' });
  });

  it.each(FLAGS.map(({ key }) => key))('2.2.6 and 2.3.2 no error for %s in normal execution', async (key) => {
    const { type } = engine.sync.flags.get(key);
    const context = { targetingKey: 'ann' };
    const details =
      type === 'boolean'
        ? await client.getBooleanDetails(key, false, context)
        : type === 'string'
          ? await client.getStringDetails(key, '', context)
          : type === 'json'
            ? await client.getObjectDetails(key, {}, context)
            : await client.getNumberDetails(key, 0, context);
    expect(details.errorCode).toBeUndefined();
    expect(details.errorMessage).toBeUndefined();
  });

  it.each([
    ['unknown flag', () => client.getBooleanDetails('unknown', true), true, ErrorCode.FLAG_NOT_FOUND],
    ['string asked as boolean', () => client.getBooleanDetails('text', true), true, ErrorCode.TYPE_MISMATCH],
    ['boolean asked as string', () => client.getStringDetails('bool', 'd'), 'd', ErrorCode.TYPE_MISMATCH],
    ['boolean asked as number', () => client.getNumberDetails('bool', 3), 3, ErrorCode.TYPE_MISMATCH],
    ['number asked as object', () => client.getObjectDetails('integer', { d: 1 }), { d: 1 }, ErrorCode.TYPE_MISMATCH],
    ['object asked as string', () => client.getStringDetails('shape', 'd'), 'd', ErrorCode.TYPE_MISMATCH],
    [
      'targeting key that is no text',
      () => client.getStringDetails('split', 'd', { targetingKey: 5 as never }),
      'd',
      ErrorCode.INVALID_CONTEXT,
    ],
  ] as const)('2.2.7 and 2.3.3 an error for an abnormal execution: %s', async (_name, resolve, value, errorCode) => {
    const details = await resolve();
    expect(details).toMatchObject({ value, reason: 'ERROR', errorCode });
    expect(details.errorMessage).toEqual(expect.stringMatching(/\w/));
  });

  it('2.2.7 keeps to the default when the flag is archived', async () => {
    await engine.flags.archive('text');
    expect((await client.getStringDetails('text', 'mine')).value).toBe('mine');
  });

  it('2.2.8.1 keeps the type of the default', async () => {
    const value: 'x' | 'y' = await client.getStringValue<'x' | 'y'>('text', 'x');
    expect(value).toBe('y');
  });

  it('2.2.9 and 2.2.10 gives metadata of plain values', async () => {
    const { flagMetadata } = await client.getBooleanDetails('bool', true, { plan: 'pro' });
    expect(flagMetadata).toMatchObject({ ruleId: 'pro', flagRevision: engine.sync.flags.get('bool').revision });
    for (const value of Object.values(flagMetadata)) expect(['boolean', 'string', 'number']).toContain(typeof value);
  });
});

describe('specification 2.3 to 2.7: life of the provider', () => {
  it('2.3.1 has hooks of its own, none at present, and lets those of clients run', async () => {
    expect((provider as Provider).hooks).toEqual([]);
    const seen: string[] = [];
    const hook: Hook = { before: () => void seen.push('before'), after: () => void seen.push('after') };
    await client.getBooleanValue('bool', false, {}, { hooks: [hook] });
    expect(seen).toEqual(['before', 'after']);
  });

  it('2.4.1 opens an engine that nobody opened yet', async () => {
    const other = new WaygateEngine({ backend: new MemoryBackend() });
    await OpenFeature.setProviderAndWait('other', new WaygateProvider(other));
    expect(other.health.status).toBe('ready');
    await other.close();
  });

  it('2.4.2.1, 1.7.4, 5.3.2 rejects when there is nothing to evaluate from, and gets ready once there is', async () => {
    const away = new Severable();
    away.sever();
    const other = new WaygateEngine({ backend: away, initTimeout: 20 });
    const errors: (EventDetails | undefined)[] = [];
    const failing = OpenFeature.getClient('failing');
    failing.addHandler(ProviderEvents.Error, (details) => void errors.push(details));
    await expect(OpenFeature.setProviderAndWait('failing', new WaygateProvider(other))).rejects.toThrow(/\w/);
    expect(failing.providerStatus).toBe(ProviderStatus.ERROR);
    expect(errors.length).toBeGreaterThan(0);
    away.mend();
    await until(() => expect(failing.providerStatus).toBe(ProviderStatus.READY));
    await other.close();
  });

  it('2.4.2.1, 1.7.5 says that it will never work when the engine was closed', async () => {
    const other = new WaygateEngine({ backend: new MemoryBackend() });
    await other.open();
    await other.close();
    await expect(OpenFeature.setProviderAndWait('closed', new WaygateProvider(other))).rejects.toThrow(/closed/);
    const closed = OpenFeature.getClient('closed');
    expect(closed.providerStatus).toBe(ProviderStatus.FATAL);
    expect((await closed.getBooleanDetails('bool', false)).errorCode).toBe(ErrorCode.PROVIDER_FATAL);
  });

  it('2.5.1, 1.1.2.3 lets go of the engine when it is replaced, and leaves it open', async () => {
    await OpenFeature.setProviderAndWait(DOMAIN, new InMemoryProvider({}));
    const changed = vi.fn<(...given: unknown[]) => void>();
    provider.events.addHandler(ProviderEvents.ConfigurationChanged, changed);
    await until(() => expect(engine.flagClient.getHandlers(ProviderEvents.ConfigurationChanged)).toEqual([]));
    await engine.flags.patch('text', { fallthrough: 'a' });
    expect(changed).not.toHaveBeenCalled();
    expect(engine.health.status).toBe('ready');
  });

  it('2.5.2 can be initialised again after it was shut down', async () => {
    await OpenFeature.setProviderAndWait(DOMAIN, new InMemoryProvider({}));
    await until(() => expect(engine.flagClient.getHandlers(ProviderEvents.ConfigurationChanged)).toEqual([]));
    await OpenFeature.setProviderAndWait(DOMAIN, provider);
    const changed = vi.fn<(...given: unknown[]) => void>();
    client.addHandler(ProviderEvents.ConfigurationChanged, changed);
    await engine.flags.patch('text', { fallthrough: 'a' });
    await until(() => expect(changed).toHaveBeenCalledOnce());
  });

  it('2.7.1, 6.1.1 tracks what happened', () => {
    const tracked = vi.fn<(...given: unknown[]) => void>();
    engine.events.on('track', tracked);
    client.track('bought', { targetingKey: 'ann' }, { value: 12.5, currency: 'EUR' });
    expect(tracked).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        name: 'bought',
        context: expect.objectContaining({ targetingKey: 'ann' }),
        details: { value: 12.5, currency: 'EUR' },
      }),
    );
  });
});

describe('specification 5: events', () => {
  const record = (event: ProviderEvents, of: Client = client) => {
    const seen: (EventDetails | undefined)[] = [];
    of.addHandler(event as never, (details) => void seen.push(details));
    return seen;
  };

  it('5.1.1, 5.1.2 tells the keys of flags that a change concerns, those that depend on it too', async () => {
    await engine.segments.save({ key: 'staff', name: 'Staff', included: ['ann'] });
    await engine.flags.patch('text', {
      rules: [{ clauses: [{ attribute: 'key', operator: 'in_segment', values: ['staff'] }], variation: 'a' }],
    });
    const changed = record(ProviderEvents.ConfigurationChanged);
    const api = vi.fn<(...given: unknown[]) => void>();
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, api);
    await engine.flags.patch('bool', { fallthrough: 'a' });
    await engine.segments.include('staff', ['bob']);
    await until(() => expect(changed).toHaveLength(2));
    expect(changed.map((details) => (details as { flagsChanged?: string[] }).flagsChanged)).toEqual([['bool'], ['text']]);
    expect(api).toHaveBeenCalledTimes(2);
  });

  it('5.1.3 is not heard by clients of other providers', async () => {
    await OpenFeature.setProviderAndWait('other', new InMemoryProvider({}));
    const other = record(ProviderEvents.ConfigurationChanged, OpenFeature.getClient('other'));
    const own = record(ProviderEvents.ConfigurationChanged);
    await engine.flags.patch('bool', { fallthrough: 'a' });
    await until(() => expect(own).toHaveLength(1));
    expect(other).toEqual([]);
  });

  it('5.1.4 says in ERROR what is wrong', async () => {
    const errors = record(ProviderEvents.Error);
    await engine.close();
    await until(() => expect(errors).toHaveLength(1));
    expect(errors[0]?.message).toMatch(/closed/);
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(await client.getStringValue('text', '')).toBe('y');
  });

  it('5.3.1, 1.7.3 is ready once, told by the SDK', async () => {
    const fresh = OpenFeature.getClient('fresh');
    const ready = record(ProviderEvents.Ready, fresh);
    const seen = ready.length;
    await OpenFeature.setProviderAndWait('fresh', new WaygateProvider(engine));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ready).toHaveLength(seen + 1);
    expect(fresh.providerStatus).toBe(ProviderStatus.READY);
  });

  it('5.3.3, 5.3.5 is stale while the backend is away, and ready after', async () => {
    const stale = record(ProviderEvents.Stale);
    const before = record(ProviderEvents.Ready).length;
    backend.sever();
    await until(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    expect(stale[0]?.message).toMatch(/\w/);
    expect(engine.flagClient.providerStatus).toBe(ProviderStatus.STALE);
    const late = vi.fn<(...given: unknown[]) => void>();
    client.addHandler(ProviderEvents.Stale, late);
    await until(() => expect(late).toHaveBeenCalledOnce());
    backend.mend();
    const ready = record(ProviderEvents.Ready);
    await until(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
    expect(engine.flagClient.providerStatus).toBe(ProviderStatus.READY);
    expect(before).toBe(1);
    expect(ready.length).toBeGreaterThan(0);
  });

  it('1.7.6 gives the default before it is ready', async () => {
    const slow = new MemoryBackend();
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    slow.open = () => gate;
    const other = new WaygateEngine({ backend: slow });
    OpenFeature.setProvider('slow', new WaygateProvider(other));
    const details = await OpenFeature.getClient('slow').getBooleanDetails('bool', true);
    expect(details).toMatchObject({ value: true, errorCode: ErrorCode.PROVIDER_NOT_READY });
    release();
    await until(() => expect(OpenFeature.getClient('slow').providerStatus).toBe(ProviderStatus.READY));
    await other.close();
  });
});

describe.each(PLATFORMS)('the module for the official SDK on %s', (platform) => {
  @Controller()
  class TestController {
    @Get('official')
    async official(): Promise<object> {
      const waygate = await OpenFeature.getClient('shop').getBooleanValue('bool', false);
      const own = await OpenFeature.getClient('own').getBooleanValue('bool', false);
      const other = await OpenFeature.getClient().getStringValue('text', 'nobody');
      return { waygate, own, other };
    }
  }

  it('serves its domain with the context of the request, and leaves the providers of the app alone', async () => {
    const ours = new InMemoryProvider({ bool: { variants: { on: true }, defaultVariant: 'on', disabled: false } });
    await OpenFeature.setProviderAndWait('own', ours);
    const {
      app,
      engine: own,
      request,
    } = await startApp(platform, {
      controllers: [TestController],
      module: { imports: [WaygateOpenFeatureModule.forRoot({ domain: 'shop', propagateContext: true })] },
      waygate: { context: (req: { headers: Record<string, string> }) => ({ plan: req.headers['x-plan'] ?? null }) },
    });
    try {
      await own.flags.save({ ...FLAGS[0], rules: [{ ...pro[0], variation: 'b' }], fallthrough: 'a' } as FlagInput);
      const ask = async (plan: string) =>
        JSON.parse((await request('/official', { headers: { 'x-plan': plan } })).text) as object;
      expect(await ask('pro')).toEqual({ waygate: true, own: true, other: 'nobody' });
      expect(await ask('free')).toEqual({ waygate: false, own: true, other: 'nobody' });
      expect(OpenFeature.getProvider('own')).toBe(ours);
      expect(OpenFeature.getProvider()).not.toBeInstanceOf(WaygateProvider);
    } finally {
      await app.close();
    }
    expect(OpenFeature.getProvider('shop')).not.toBeInstanceOf(WaygateProvider);
    expect(OpenFeature.getProvider('own')).toBe(ours);
  });

  it('is everybody’s provider when it is asked to be', async () => {
    const { app, engine: own } = await startApp(platform, {
      controllers: [TestController],
      module: { imports: [WaygateOpenFeatureModule.forRoot({ asDefault: true })] },
    });
    try {
      await own.flags.save(FLAGS[1] as FlagInput);
      expect(await OpenFeature.getClient().getStringValue('text', 'nobody')).toBe('y');
    } finally {
      await app.close();
    }
  });
});

describe('hooks', () => {
  it('tell OpenTelemetry the attributes that the specification lists (appendix D), from either client', async () => {
    otelContext.setGlobalContextManager(new AsyncLocalStorageContextManager());
    const events: [string, Attributes][] = [];
    const span = {
      isRecording: () => true,
      addEvent: (name: string, attributes: Attributes) => void events.push([name, attributes]),
    } as unknown as Span;
    const hook = new FlagTelemetryHook({ includeValue: true, includeTargetingKey: true });
    client.addHooks(hook as Hook);
    engine.flagClient.addHooks(hook);
    const ann = { targetingKey: 'ann', plan: 'pro' };
    await otelContext.with(trace.setSpan(otelContext.active(), span), async () => {
      await client.getBooleanValue('bool', false, ann);
      await engine.flagClient.getBooleanValue('bool', false, ann);
      await client.getBooleanValue('unknown', false, ann);
    });
    await client.getBooleanValue('bool', false, ann);
    otelContext.disable();
    const revision = String(engine.sync.flags.get('bool').revision);
    const evaluated = {
      'feature_flag.key': 'bool',
      'feature_flag.provider.name': 'waygate',
      'feature_flag.result.reason': 'targeting_match',
      'feature_flag.result.variant': 'a',
      'feature_flag.result.value': false,
      'feature_flag.context.id': 'ann',
      'feature_flag.version': revision,
    };
    expect(events).toEqual([
      ['feature_flag.evaluation', evaluated],
      ['feature_flag.evaluation', evaluated],
      [
        'feature_flag.evaluation',
        expect.objectContaining({ 'error.type': 'flag_not_found', 'feature_flag.result.reason': 'error' }),
      ],
    ]);
  });

  it('name attributes as the official SDK does', () => {
    const given = {
      flagKey: 'shape',
      defaultValue: {},
      flagValueType: 'object',
      context: { targetingKey: 'ann' },
      providerMetadata: { name: 'waygate' },
    } as unknown as OpenFeatureHookContext;
    for (const details of [
      { flagKey: 'shape', value: { a: 1 }, variant: 'a', reason: 'STATIC', flagMetadata: { version: 'v1', flagSetId: 's' } },
      { flagKey: 'shape', value: 'x', reason: 'ERROR', errorCode: ErrorCode.GENERAL, errorMessage: 'm', flagMetadata: {} },
    ]) {
      const ours = flagAttributes(given, details as never, { includeValue: true, includeTargetingKey: true });
      expect(ours).toEqual(createEvaluationEvent(given as never, details as never).attributes);
    }
  });

  it('keep values and targeting keys out unless asked', () => {
    const given = { flagKey: 'k', context: { targetingKey: 'ann' }, providerMetadata: { name: 'waygate' } };
    const attributes = flagAttributes(given as never, { flagKey: 'k', value: 'secret', flagMetadata: {} });
    expect(JSON.stringify(attributes)).not.toMatch(/secret|ann/);
  });

  it('write evaluations to the log', async () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    Logger.overrideLogger(['debug', 'error']);
    Logger.overrideLogger({ debug: write, error: write, log: write, warn: write });
    client.addHooks(new FlagLoggingHook({ includeContext: true }) as Hook);
    await client.getBooleanValue('bool', false, { plan: 'pro' });
    await client.getBooleanValue('unknown', false);
    Logger.overrideLogger(false);
    const text = lines.join('');
    expect(text).toContain('bool = false (a): TARGETING_MATCH for {"plan":"pro"}');
    expect(text).toContain('unknown = false (default)');
  });
});
