// What one evaluation of a flag costs: here, and in the SDKs of other flag systems, each fed the same flags without a network.
import { GrowthBookClient } from '@growthbook/growthbook';
import { init as initLaunchDarkly } from '@launchdarkly/node-server-sdk';
import { TestData } from '@launchdarkly/node-server-sdk/integrations';
import { FlagdCore } from '@openfeature/flagd-core';
import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { compare } from './harness.mjs';

const COUNTRIES = ['DE', 'FR', 'IT', 'ES', 'AT'];
const MEMBERS = Array.from({ length: 100_000 }, (_, i) => `member-${i}`);
const MANY = [1, 1_000, 10_000];
const callers = Array.from({ length: 1_024 }, (_, i) => ({ targetingKey: `user-${i}`, country: 'AT', plan: 'pro' }));
const order = Int32Array.from({ length: 4_096 }, (_, i) => (i * 7_919) % 10_007);
const name = (i) => `flag-${i}`;
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

/** Each gives the same flags: `plain`, `rules`, `rollout`, `dependent` (on `plain`), `members`, and `flag-0` … `flag-n` like `rules`. */
async function waygate(many) {
  const engine = new WaygateEngine({ backend: new MemoryBackend() });
  await engine.open();
  const variations = [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ];
  const flag = (key, more = {}) => ({ key, type: 'boolean', variations, offVariation: 'off', fallthrough: 'off', ...more });
  const rules = COUNTRIES.map((country) => ({
    id: country,
    clauses: [{ attribute: 'country', operator: 'is', values: [country] }],
    variation: 'on',
  }));
  const half = [
    { variation: 'on', weight: 50_000 },
    { variation: 'off', weight: 50_000 },
  ];
  await engine.segments.create({ key: 'members', included: MEMBERS });
  await engine.flags.create(flag('plain', { fallthrough: 'on' }));
  await engine.flags.create(flag('rules', { rules }));
  await engine.flags.create(flag('rollout', { fallthrough: half }));
  await engine.flags.create(flag('dependent', { fallthrough: 'on', prerequisites: [{ flagKey: 'plain', variation: 'on' }] }));
  const inMembers = [{ clauses: [{ operator: 'in_segment', values: ['members'] }], variation: 'on' }];
  await engine.flags.create(flag('members', { rules: inMembers }));
  for (let i = 0; i < many; i++) await engine.flags.create(flag(name(i), { rules }));
  return engine;
}

function unleash(many) {
  const strategy = (constraints = [], more = {}) => ({ name: 'default', parameters: {}, constraints, ...more });
  const toggle = (key, strategies, more = {}) => ({
    name: key,
    enabled: true,
    type: 'release',
    strategies,
    variants: [],
    ...more,
  });
  const rules = COUNTRIES.map((country) => strategy([{ contextName: 'country', operator: 'IN', values: [country] }]));
  const half = {
    name: 'flexibleRollout',
    parameters: { rollout: '50', stickiness: 'userId', groupId: 'rollout' },
    constraints: [],
  };
  const features = [
    toggle('plain', [strategy()]),
    toggle('rules', rules),
    toggle('rollout', [half]),
    toggle('dependent', [strategy()], { dependencies: [{ feature: 'plain', enabled: true }] }),
    toggle('members', [strategy([{ contextName: 'userId', operator: 'IN', values: MEMBERS }])]),
    ...Array.from({ length: many }, (_, i) => toggle(name(i), rules)),
  ];
  const client = new Unleash({
    appName: 'bench',
    url: 'http://127.0.0.1:1',
    refreshInterval: 0,
    disableMetrics: true,
    disableAutoStart: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: features },
  });
  client.on('error', () => {});
  client.on('warn', () => {});
  return new Promise((resolve) => {
    client.on('ready', () => resolve(client));
    void client.start();
  });
}

async function launchDarkly(many) {
  const data = new TestData();
  const variation = 0;
  const flag = (key, more = {}) => ({
    key,
    version: 1,
    on: true,
    variations: [true, false],
    offVariation: 1,
    fallthrough: { variation: 1 },
    targets: [],
    rules: [],
    prerequisites: [],
    salt: 'salt',
    ...more,
  });
  const rules = COUNTRIES.map((country) => ({
    id: country,
    clauses: [{ contextKind: 'user', attribute: 'country', op: 'in', values: [country] }],
    variation,
  }));
  const half = [
    { variation: 0, weight: 50_000 },
    { variation: 1, weight: 50_000 },
  ];
  await data.usePreconfiguredSegment({ key: 'members', version: 1, included: MEMBERS, excluded: [], rules: [], salt: 's' });
  for (const each of [
    flag('plain', { fallthrough: { variation } }),
    flag('rules', { rules }),
    flag('rollout', { fallthrough: { rollout: { variations: half, contextKind: 'user' } } }),
    flag('dependent', { fallthrough: { variation }, prerequisites: [{ key: 'plain', variation }] }),
    flag('members', { rules: [{ id: 'm', clauses: [{ attribute: '', op: 'segmentMatch', values: ['members'] }], variation }] }),
    ...Array.from({ length: many }, (_, i) => flag(name(i), { rules })),
  ])
    await data.usePreconfiguredFlag(each);
  const options = { updateProcessor: data.getFactory(), sendEvents: false, diagnosticOptOut: true, logger: quiet };
  const client = initLaunchDarkly('sdk-key', options);
  await client.waitForInitialization({ timeout: 5 });
  return client;
}

function growthBook(many) {
  const rules = COUNTRIES.map((country) => ({ condition: { country }, force: true }));
  const features = {
    plain: { defaultValue: true },
    rules: { defaultValue: false, rules },
    rollout: { defaultValue: false, rules: [{ force: true, coverage: 0.5, hashAttribute: 'id' }] },
    dependent: {
      defaultValue: true,
      rules: [{ parentConditions: [{ id: 'plain', condition: { value: true }, gate: true }] }],
    },
    members: { defaultValue: false, rules: [{ condition: { id: { $inGroup: 'members' } }, force: true }] },
    ...Object.fromEntries(Array.from({ length: many }, (_, i) => [name(i), { defaultValue: false, rules }])),
  };
  return new GrowthBookClient().initSync({ payload: { features, savedGroups: { members: MEMBERS } } });
}

function flagd(many) {
  const flag = (targeting, defaultVariant = 'off') => ({
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant,
    ...(targeting === undefined ? {} : { targeting }),
  });
  const rules = COUNTRIES.reduceRight(
    (otherwise, country) => ({ if: [{ '==': [{ var: 'country' }, country] }, 'on', otherwise] }),
    null,
  );
  const fractional = [
    ['on', 50],
    ['off', 50],
  ];
  const flags = {
    plain: flag(undefined, 'on'),
    rules: flag(rules),
    rollout: flag({ fractional }),
    members: flag({ if: [{ in: [{ var: 'targetingKey' }, MEMBERS] }, 'on', 'off'] }),
    ...Object.fromEntries(Array.from({ length: many }, (_, i) => [name(i), flag(rules)])),
  };
  const core = new FlagdCore(undefined, quiet);
  core.setConfigurations(JSON.stringify({ flags }));
  return core;
}

async function official(many) {
  const match = ({ country }) => (COUNTRIES.includes(country) ? 'on' : 'off');
  const flag = (contextEvaluator) => ({
    variants: { on: true, off: false },
    defaultVariant: 'on',
    disabled: false,
    ...(contextEvaluator === undefined ? {} : { contextEvaluator }),
  });
  const flags = { plain: flag(), rules: flag(match) };
  for (let i = 0; i < many; i++) flags[name(i)] = flag(match);
  await OpenFeature.setProviderAndWait('bench', new InMemoryProvider(flags));
  return OpenFeature.getClient('bench');
}

/** Loops, one for each subject; `keyOf` gives the flag of an iteration, `context` the caller. */
function subjects(sdks, keyOf, contextOf = (i) => callers[i & 1_023], { rollout = false, only } = {}) {
  const userOf = new Map();
  const forms = (i) => {
    const context = contextOf(i);
    let form = userOf.get(context);
    if (form === undefined) {
      const { targetingKey, ...rest } = context;
      form = {
        unleash: { userId: targetingKey, properties: rest },
        launchDarkly: { kind: 'user', key: targetingKey, ...rest },
        growthBook: { attributes: { id: targetingKey, ...rest } },
      };
      userOf.set(context, form);
    }
    return form;
  };
  for (let i = 0; i < 1_024; i++) forms(i);
  const check = (hits, iterations) => {
    const share = hits / iterations;
    if (rollout ? share < 0.4 || share > 0.6 : share !== 1) throw new Error(`wrong values: ${share}`);
  };
  const sync = (evaluate) => (iterations) => {
    let hits = 0;
    for (let i = 0; i < iterations; i++) if (evaluate(i)) hits++;
    check(hits, iterations);
  };
  const awaited = (evaluate) => async (iterations) => {
    let hits = 0;
    for (let i = 0; i < iterations; i++) if (await evaluate(i)) hits++;
    check(hits, iterations);
  };
  const { engine } = sdks;
  const { flags } = engine.sync;
  const all = {
    'waygate sync': sync((i) => flags.boolean(keyOf(i), false, contextOf(i))),
    'waygate flagClient': awaited((i) => engine.flagClient.getBooleanValue(keyOf(i), false, contextOf(i))),
    'waygate flagClient details': awaited(
      async (i) => (await engine.flagClient.getBooleanDetails(keyOf(i), false, contextOf(i))).value,
    ),
    'flagd-core': sync((i) => sdks.flagd.resolveBooleanEvaluation(keyOf(i), false, contextOf(i), quiet).value),
    'unleash-client': sync((i) => sdks.unleash.isEnabled(keyOf(i), forms(i).unleash)),
    growthbook: sync((i) => sdks.growthBook.isOn(keyOf(i), forms(i).growthBook)),
    launchdarkly: awaited((i) => sdks.launchDarkly.boolVariation(keyOf(i), forms(i).launchDarkly, false)),
    'official client, InMemoryProvider': awaited((i) => sdks.official.getBooleanValue(keyOf(i), false, contextOf(i))),
  };
  return only === undefined ? all : Object.fromEntries(Object.entries(all).filter(([subject]) => only(subject)));
}

const inMemoryCannot = (subject) => !subject.startsWith('official');
const noPrerequisites = (subject) => inMemoryCannot(subject) && subject !== 'flagd-core';
const iterations = 20_000;

for (const many of MANY) {
  const sdks = {
    engine: await waygate(many),
    unleash: await unleash(many),
    launchDarkly: await launchDarkly(many),
    growthBook: growthBook(many),
    flagd: flagd(many),
    official: await official(many),
  };
  const keys = Array.from({ length: many }, (_, i) => name(i));
  const any = (i) => keys[order[i & 4_095] % many];
  if (many === 1) {
    await compare(
      'flags: no rules',
      subjects(sdks, () => 'plain'),
      { iterations },
    );
    await compare(
      'flags: fifth of five rules',
      subjects(sdks, () => 'rules'),
      { iterations },
    );
    await compare(
      'flags: rollout',
      subjects(sdks, () => 'rollout', undefined, { rollout: true, only: inMemoryCannot }),
      { iterations },
    );
    await compare(
      'flags: prerequisite',
      subjects(sdks, () => 'dependent', undefined, { only: noPrerequisites }),
      { iterations },
    );
    const members = Array.from({ length: 1_024 }, (_, i) => ({
      targetingKey: MEMBERS[(i * 7_919) % MEMBERS.length],
      country: 'AT',
    }));
    const ofMembers = subjects(
      sdks,
      () => 'members',
      (i) => members[i & 1_023],
      { only: inMemoryCannot },
    );
    await compare('flags: one of 100 000 members', ofMembers, { iterations: 200, rounds: 5 });
    const fast = Object.fromEntries(
      Object.entries(ofMembers).filter(([subject]) => subject.startsWith('waygate') || subject === 'launchdarkly'),
    );
    await compare('flags: one of 100 000 members, where that is no search', fast, { iterations });
  } else {
    await compare(`flags: any of ${many}, five rules each`, subjects(sdks, any), { iterations: 3 * iterations });
  }
  await sdks.engine.close();
  sdks.unleash.destroy();
  sdks.launchDarkly.close();
}
await OpenFeature.clearProviders();
