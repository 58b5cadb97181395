import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACTIVE_ROUTE,
  BackendUnavailableError,
  ConfigurationError,
  ConflictError,
  Environment,
  FileBackend,
  FileLockedError,
  StateFileError,
  ValidationError,
  WaygateEngine,
  type ChangeSet,
  type RateLimitHit,
  type RecordWrite,
} from '../../index.js';
import { backendContract } from '../../testing/backend-contract.js';

const EXTENSIONS = ['json', 'yaml', 'yml', 'toml'];
const FORMATS = ['json', 'yaml', 'toml'];
const AT = '2026-01-01T00:00:00.000Z';

let folder: string;
let opened: FileBackend[];
let warnings: string[];
const onWarning = (warning: Error) => warnings.push(warning.message);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-file-'));
  opened = [];
  warnings = [];
  process.on('warning', onWarning);
});
afterEach(async () => {
  for (const backend of opened) await backend.close();
  process.off('warning', onWarning);
  rmSync(folder, { recursive: true });
});

const pathOf = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(pathOf(name), 'utf8');
const names = () => readdirSync(folder).toSorted();

async function openOn(name: string, options = {}): Promise<FileBackend> {
  const backend = new FileBackend(pathOf(name), options);
  await backend.open();
  opened.push(backend);
  return backend;
}

const route = (reason = '') => ({ service: null, declared: ACTIVE_ROUTE, override: overrideOf(reason) });
const SET_AT = '2026-01-01T00:00:00.000Z';
const overrideOf = (reason: string) =>
  reason === ''
    ? null
    : { state: 'disabled' as const, reason, environments: null, setAt: SET_AT, setBy: 'alice', window: null, beneath: null };
const write = (key: string, expected: number, reason = ''): RecordWrite => ({
  kind: 'route',
  key,
  expected,
  value: route(reason),
});
const change = (key: string, expected: number, reason = ''): ChangeSet => ({
  writes: [write(key, expected, reason)],
  audit: [
    {
      id: `${key} ${expected}`,
      at: AT,
      action: 'enable',
      kind: 'route',
      key,
      service: null,
      actor: `a${expected}`,
      platform: 'code',
      reason,
      before: null,
      after: route(reason),
    },
  ],
});
const hitOf = (caller: string): RateLimitHit => ({
  id: caller,
  at: AT,
  route: 'GET:/x',
  method: 'GET',
  caller,
  policy: 'default',
  limit: '1/minute',
  tier: null,
  resetAt: AT,
  shadow: false,
});

describe.each(EXTENSIONS)('FileBackend on .%s', (extension) => {
  let count = 0;

  it.each(backendContract)('$name', ({ run }) => run(() => new FileBackend(pathOf(`contract-${count++}.${extension}`))));

  it('has everything again after a restart', async () => {
    const name = `state.${extension}`;
    const first = await openOn(name);
    await first.commit(change('GET:/a', 0, 'hotfix'));
    await first.commit(change('GET:/b', 0));
    await first.commit({ writes: [{ kind: 'route', key: 'GET:/b', expected: 2, value: null }], audit: [] });
    await first.appendHits([hitOf('h')]);
    const before = await first.load();
    await first.close();

    const second = await openOn(name);
    const { epoch: _epoch, ...after } = await second.load();
    const { epoch: _former, ...expected } = before;
    expect(after).toEqual(expected);
    expect((await second.queryAudit({}, { limit: 10 })).items.map(({ revision }) => revision)).toEqual([2, 1]);
    expect((await second.queryHits({}, { limit: 10 })).items).toEqual([hitOf('h')]);
    expect((await second.commit(change('GET:/a', 1))).revision).toBe(4);
  });
});

describe.each(FORMATS)('what is written to .%s', (extension) => {
  it('does not depend on the order of commits', async () => {
    const texts: string[] = [];
    for (const keys of [
      ['GET:/a', 'GET:/b', 'POST:/a'],
      ['POST:/a', 'GET:/a', 'GET:/b'],
    ]) {
      const name: string = `order-${texts.length}.${extension}`;
      const backend = await openOn(name);
      await backend.commit({ writes: keys.map((key) => write(key, 0, 'x')), audit: [] });
      texts.push(read(name));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('differs only in the lines of what changed', async () => {
    const name = `lines.${extension}`;
    const backend = await openOn(name);
    await backend.commit({ writes: Array.from({ length: 20 }, (_, i) => write(`GET:/${i}`, 0, 'x')), audit: [] });
    const before = read(name).split('\n');
    await backend.commit({ writes: [write('GET:/7', 1, 'y')], audit: [] });
    const after = read(name).split('\n');
    expect(after.length).toBe(before.length);
    expect(after.filter((line, index) => line !== before[index]).length).toBe(3);
  });

  it('refuses half a surrogate pair, which no such file can hold', async () => {
    const backend = await openOn(`half.${extension}`);
    await expect(backend.commit(change('GET:/a', 0, 'a\ud800b'))).rejects.toThrow(ValidationError);
    await backend.commit(change('GET:/a', 0, 'backslash \\ud800 💥'));
    expect((await backend.load()).revision).toBe(1);
  });
});

describe('commits that come together', () => {
  it('share writes: 100 at once take at most two', async () => {
    const backend = await openOn('state.json');
    const seen = new Set<bigint>();
    const stop = backend.watch(
      0,
      () => seen.add(statSync(pathOf('state.json'), { bigint: true }).ino),
      () => undefined,
    );
    const revisions = await Promise.all(Array.from({ length: 100 }, (_, i) => backend.commit(change(`GET:/${i}`, 0))));
    stop();
    expect(revisions.map(({ revision }) => revision)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(seen.size).toBeLessThanOrEqual(2);
    expect((await backend.queryAudit({}, { limit: 1000 })).items.length).toBe(100);
  });

  it('are on the disk before anybody hears of them', async () => {
    const backend = await openOn('state.json');
    const onDisk: number[] = [];
    backend.watch(
      0,
      ({ revision }) => onDisk.push((JSON.parse(read('state.json')) as { revision: number }).revision - revision),
      () => undefined,
    );
    for (let i = 0; i < 5; i++) await backend.commit(change('GET:/a', i));
    expect(onDisk).toEqual([0, 0, 0, 0, 0]);
  });

  it('are checked against each other, too', async () => {
    const backend = await openOn('state.json');
    const results = await Promise.allSettled([1, 2, 3].map((i) => backend.commit(change('GET:/a', 0, `r${i}`))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(results[1]).toMatchObject({ reason: expect.any(ConflictError) as unknown });
    expect(results[1]).toMatchObject({ reason: { expected: 0, actual: 1 } });
  });

  it('are finished when the backend is closed meanwhile', async () => {
    const backend = await openOn('state.json');
    const commits = Array.from({ length: 10 }, (_, i) => backend.commit(change(`GET:/${i}`, 0)));
    await backend.close();
    expect((await Promise.all(commits)).at(-1)).toEqual({ revision: 10 });
    expect((await (await openOn('state.json')).load()).revision).toBe(10);
    await expect(backend.commit(change('GET:/a', 0))).rejects.toThrow(BackendUnavailableError);
  });
});

describe('a state file edited by hand', () => {
  const valid = {
    json: JSON.stringify(
      { format: 1, revision: 3, records: { route: { 'GET:/a': { revision: 2, value: route('x') } } } },
      null,
      2,
    ),
    yaml: `format: 1
revision: 3
records:
  route:
    GET:/a:
      revision: 2
      value:
        service: null
        declared: { state: active, reason: '', window: null, environments: null, deprecation: null, forceActive: false }
        override: { state: disabled, reason: x, environments: null, setAt: '2026-01-01T00:00:00.000Z', setBy: alice, window: null, beneath: null }
`,
    toml: `format = 1
revision = 3

[records.route."GET:/a"]
revision = 2

[records.route."GET:/a".value]
service = nan
declared = { state = "active", reason = "", window = nan, environments = nan, deprecation = nan, forceActive = false }

[records.route."GET:/a".value.override]
state = "disabled"
reason = "x"
environments = nan
window = nan
beneath = nan
setAt = "2026-01-01T00:00:00.000Z"
setBy = "alice"
`,
  };

  it.each(FORMATS)('is taken as it is (.%s)', async (format) => {
    writeFileSync(pathOf(`state.${format}`), valid[format as keyof typeof valid]);
    const { revision, records } = await (await openOn(`state.${format}`)).load();
    expect({ revision, records }).toEqual({
      revision: 3,
      records: [{ kind: 'route', key: 'GET:/a', revision: 2, value: route('x') }],
    });
  });

  it('may leave out the revision of a record it adds', async () => {
    writeFileSync(pathOf('state.json'), valid.json.replace('"revision": 2,', ''));
    const backend = await openOn('state.json');
    expect((await backend.load()).records).toMatchObject([{ revision: 3 }]);
    expect(await backend.commit(change('GET:/a', 3))).toEqual({ revision: 4 });
  });

  it('changes decisions at the next start, although no revision changed', async () => {
    const engineOn = async () => {
      const engine = new WaygateEngine({ backend: new FileBackend(pathOf('state.yaml')) });
      await engine.open();
      await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
      return engine;
    };
    const first = await engineOn();
    await first.routes.disable('GET:/a', { reason: 'by the operator' });
    await first.close();
    writeFileSync(pathOf('state.yaml'), read('state.yaml').replace('reason: by the operator', 'reason: by hand'));
    const second = await engineOn();
    expect(second.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'by hand' });
    await second.close();
  });

  it('names file, line and column of what is wrong, and is left as it is', async () => {
    const text = valid.yaml.replace('state: disabled', 'state: disabeld');
    writeFileSync(pathOf('state.yaml'), text);
    const failure = new FileBackend(pathOf('state.yaml')).open();
    await expect(failure).rejects.toThrow(StateFileError);
    await expect(failure).rejects.toThrow(
      `${pathOf('state.yaml')}:10:28: records.route.'GET:/a'.value.override.state 'disabeld' is unknown. Use one of active, maintenance, disabled, env_gated.`,
    );
    expect(read('state.yaml')).toBe(text);
    expect(names()).toEqual(['state.yaml']);
  });

  describe('names what is wrong with', () => {
    /** One record of each kind, as the engine writes them. */
    const written = async () => {
      const engine = new WaygateEngine({ backend: new FileBackend(pathOf('state.json')) });
      await engine.open();
      await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
      await engine.rateLimits.set('GET:/a', { limit: '20/minute', tiers: [{ name: 'pro', limit: 'unlimited' }] });
      await engine.segments.save({
        key: 'staff',
        included: ['ann'],
        rules: [{ id: 'mail', clauses: [{ attribute: 'email', operator: 'ends_with', values: ['@x'] }] }],
      });
      await engine.flags.save({
        key: 'new-cart',
        type: 'boolean',
        variations: [
          { name: 'on', value: true },
          { name: 'off', value: false },
        ],
        offVariation: 'off',
        fallthrough: [
          { variation: 'on', weight: 40_000 },
          { variation: 'off', weight: 60_000 },
        ],
        targets: { on: ['ann'] },
        rules: [{ id: 'staff', variation: 'on', clauses: [{ operator: 'in_segment', values: ['staff'] }] }],
        scheduledChanges: [
          { id: 'later', executeAt: '2999-01-01T00:00:00Z', action: 'update_rollout', payload: { variation: 'on' } },
        ],
      });
      await engine.webhooks.add('https://hooks.example/x', { name: 'hook' });
      await engine.access.createToken({ name: 'ci', role: 'viewer' });
      await engine.close();
      return read('state.json');
    };

    it.each([
      ['"limit": "20/minute"', '"limit": "20/minut"', "limit must be a limit such as '100/minute'"],
      ['"burst": 0', '"burst": 1.5', 'burst must be a whole number from 0 to 1000000000'],
      ['"cost": 1', '"cost": 1e300', 'cost must be a whole number from 0 to 1000000'],
      ['"limit": "unlimited"', '"limit": "none"', "or 'unlimited'"],
      ['"GET:/a": {', '"get:/a": {', "route.'get:/a' must be written 'GET:/a'"],
      ['"GET:/a": {', '"GET/a": {', "'GET/a' cannot be the key of a route"],
      ['"offVariation": "off"', '"offVariation": "of"', "offVariation 'of' does not match any variation name. There are on, off"],
      ['"weight": 40000', '"weight": 50000', 'fallthrough the weights add up to 110000; they must add up to 100000'],
      ['"weight": 40000', '"weight": "40%"', 'fallthrough.0.weight must be a whole number'],
      ['"value": true', '"value": "yes"', "variations.0.value must be true or false, as the flag's type is boolean"],
      ['"on": [', '"in": [', "targets.in 'in' does not match any variation name. There are on, off"],
      ['"operator": "in_segment"', '"operator": "in_sement"', "rules.0.clauses.0.operator 'in_sement' is unknown. Use one of"],
      [
        '"variation": "on",\n              "rollout": null',
        '"variation": "o",\n              "rollout": null',
        "'o' does not match any variation name. There are on, off",
      ],
      ['"key": "new-cart"', '"key": "new_cart"', "flag.new-cart.value.key must be 'new-cart', as the record is called"],
      ['"included": [', '"included": true, "x": [', 'segment.staff.value.included must be a list'],
      ['"url": "https:', '"url": "htp:', 'webhook.hook.value.url must be a URL'],
      ['"role": "viewer"', '"role": "root"', "role 'root' is unknown. Use one of viewer, operator, admin, sdk, client"],
    ])('%s made %s', async (right, wrong, problem) => {
      const text = await written();
      expect(text).toContain(right);
      rmSync(pathOf('state.json.bak'));
      writeFileSync(pathOf('state.json'), text.replace(right, wrong));
      const failure = new FileBackend(pathOf('state.json')).open();
      await expect(failure).rejects.toThrow(StateFileError);
      await expect(failure).rejects.toThrow(problem);
    });
  });

  it('may hold windows that overlap only at times before they begin, as when clocks go forward', async () => {
    const open = async () => {
      const opened = new WaygateEngine({ backend: new FileBackend(pathOf('state.json')) });
      await opened.open();
      await opened.routes.register([{ key: 'GET:/a', declaration: {} }]);
      return opened;
    };
    const first = await open();
    const recurrence = { cron: '0 0,12 * * *', duration: '11h30m', timeZone: 'Europe/Berlin' };
    await first.routes.schedule('GET:/a', { start: '2030-07-01', recurrence });
    await first.close();
    const second = await open();
    expect((await second.routes.get('GET:/a')).nextChange).toBe('2030-07-01T10:00:00.000Z');
    await second.close();
  });

  it('may hold routes with tags, which are a list of texts', async () => {
    const tagged = (tags: string) => valid.yaml.replace('forceActive: false', `forceActive: false, tags: ${tags}`);
    writeFileSync(pathOf('state.yaml'), tagged('[shop, billing]'));
    const backend = new FileBackend(pathOf('state.yaml'));
    await backend.open();
    const { records } = await backend.load();
    expect(records).toMatchObject([{ value: { declared: { tags: ['shop', 'billing'] } } }]);
    await backend.close();
    for (const [tags, problem] of [
      ['shop', 'tags must be a list'],
      ["['']", 'tags.0 must be text of 1 to 64 characters'],
      [JSON.stringify(Array.from({ length: 21 }, (_, i) => `t${i}`)), 'tags must have at most 20 entries, not 21'],
    ] as const) {
      writeFileSync(pathOf('state.yaml'), tagged(tags));
      await expect(new FileBackend(pathOf('state.yaml')).open()).rejects.toThrow(`value.declared.${problem}`);
    }
  });

  it('keeps the application from starting when nothing can be read from it', async () => {
    writeFileSync(pathOf('state.json'), '{');
    const engine = new WaygateEngine({ backend: new FileBackend(pathOf('state.json')) });
    await expect(engine.open()).rejects.toThrow('state.json:1:2: the name of a member');
    await engine.close();
  });

  it('is not overwritten without a trace when edited while the application runs', async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0));
    writeFileSync(pathOf('state.json'), 'my edit');
    await backend.commit(change('GET:/a', 1));
    const [kept = ''] = names().filter((name) => name.includes('.edited-'));
    expect(read(kept)).toBe('my edit');
    expect(JSON.parse(read('state.json'))).toMatchObject({ revision: 2 });
    expect(JSON.parse(read('state.json.bak'))).toMatchObject({ revision: 0 });
    await expect.poll(() => warnings).toMatchObject([expect.stringContaining(kept)]);
  });
});

describe('a state file that cannot be read at the start', () => {
  const twoCommits = async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0, 'first'));
    await backend.commit(change('GET:/a', 1, 'second'));
    await backend.close();
  };

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2), ''],
    ['empty', () => '', ':1:1: the file is empty.'],
    ['zeros', (text: string) => '\0'.repeat(text.length), ':1:1: a value is missing.'],
    ['no text', () => Buffer.from([0xff, 0xfe, 0x00]), ':1:1: the file is not UTF-8 text.'],
    ['of a kind unknown', (text: string) => text.replace('"route"', '"rout"'), ':5:5: records.rout is not a kind of record'],
  ])('is set aside, and the last good copy used, loudly (%s)', async (_what, damage, message) => {
    await twoCommits();
    const damaged = damage(read('state.json'));
    writeFileSync(pathOf('state.json'), damaged);
    const backend = await openOn('state.json');
    expect((await backend.load()).records).toMatchObject([{ value: { override: { reason: 'second' } } }]);
    const [aside = ''] = names().filter((name) => name.includes('.corrupt-'));
    expect(readFileSync(pathOf(aside))).toEqual(Buffer.from(damaged));
    await expect.poll(() => warnings.length).toBe(1);
    expect(warnings[0]).toContain(`${pathOf('state.json')}${message}`);
    expect(warnings[0]).toContain(aside);
  });

  it('costs no audit entry, and no revision is given out twice, also where the copy is older', async () => {
    const before = await openOn('state.json');
    await before.commit(change('GET:/a', 0, 'first'));
    await before.commit(change('GET:/a', 1, 'second'));
    const older = read('state.json.bak');
    await before.close();
    writeFileSync(pathOf('state.json'), '{');
    writeFileSync(pathOf('state.json.bak'), older);
    const backend = await openOn('state.json');
    expect((await backend.load()).revision).toBe(2);
    expect(await backend.commit(change('GET:/a', 1))).toEqual({ revision: 3 });
    expect((await backend.queryAudit({}, { limit: 10 })).items.map(({ revision }) => revision)).toEqual([3, 2, 1]);
  });

  it('fails the start when the last good copy cannot be used either, and leaves both', async () => {
    await twoCommits();
    writeFileSync(pathOf('state.json'), '[');
    writeFileSync(pathOf('state.json.bak'), '{');
    await expect(new FileBackend(pathOf('state.json')).open()).rejects.toThrow(
      'state.json:1:2: a value is missing; the text ends here.',
    );
    expect([read('state.json'), read('state.json.bak')]).toEqual(['[', '{']);
    expect(existsSync(pathOf('state.json.lock'))).toBe(false);
  });

  it('counts as damaged when it is gone but its copy is there', async () => {
    await twoCommits();
    rmSync(pathOf('state.json'));
    const backend = await openOn('state.json');
    expect((await backend.load()).records).toMatchObject([{ value: { override: { reason: 'second' } } }]);
    await expect.poll(() => warnings).toMatchObject([expect.stringContaining('is gone')]);
  });

  it('costs at most the last write where the process was killed right after it, and nothing a moment later', async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0, 'first'));
    await backend.commit(change('GET:/a', 1, 'second'));
    expect(read('state.json.bak')).toContain('first');
    await expect.poll(() => read('state.json.bak')).toBe(read('state.json'));
    await backend.commit(change('GET:/a', 2, 'third'));
    writeFileSync(pathOf('state.json'), 'an edit that was never checked');
    await backend.close();
    expect(read('state.json.bak')).toContain('second');
    expect(names().filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

describe('what a crash left', () => {
  it('audit entries of a write that did not come to its end are removed', async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0));
    const before = read('state.json');
    const copy = read('state.json.bak');
    await Promise.all([backend.commit(change('GET:/b', 0)), backend.commit(change('GET:/c', 0))]);
    await backend.close();
    // As if the power had gone between the two: the log is of after, the state of before.
    writeFileSync(pathOf('state.json'), before);
    writeFileSync(pathOf('state.json.bak'), copy);
    const again = await openOn('state.json');
    expect((await again.queryAudit({}, { limit: 10 })).items.map(({ revision }) => revision)).toEqual([1]);
    expect(await again.commit(change('GET:/d', 0))).toEqual({ revision: 2 });
  });

  it('a log line that was cut off is removed', async () => {
    const backend = await openOn('state.json');
    for (let i = 0; i < 3; i++) await backend.commit(change('GET:/a', i));
    await backend.appendHits([hitOf('a'), hitOf('b')]);
    await backend.close();
    for (const name of ['state.json.audit.jsonl', 'state.json.hits.jsonl'])
      writeFileSync(pathOf(name), `${read(name)}{"id":"torn`);
    const again = await openOn('state.json');
    await again.commit(change('GET:/a', 3));
    await again.appendHits([hitOf('c')]);
    expect((await again.queryAudit({}, { limit: 10 })).items.map(({ revision }) => revision)).toEqual([4, 3, 2, 1]);
    expect((await again.queryHits({}, { limit: 10 })).items.map(({ caller }) => caller)).toEqual(['c', 'b', 'a']);
  });

  it('audit entries stay when an older state file is put back', async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0));
    const old = read('state.json');
    for (let i = 1; i < 4; i++) await backend.commit(change('GET:/a', i));
    await backend.close();
    writeFileSync(pathOf('state.json'), old);
    const again = await openOn('state.json');
    expect((await again.queryAudit({}, { limit: 10 })).items.map(({ revision }) => revision)).toEqual([4, 3, 2, 1]);
    expect(await again.commit(change('GET:/a', 1))).toEqual({ revision: 5 });
  });
});

describe('the audit log', () => {
  const actors = async (backend: FileBackend, limit: number, between: () => Promise<unknown>) => {
    const all: string[] = [];
    for (let cursor: string | undefined; ;) {
      const { items, next } = await backend.queryAudit({}, { limit, ...(cursor === undefined ? {} : { cursor }) });
      all.push(...items.map(({ actor }) => actor));
      if (next === null) return all;
      cursor = next;
      await between();
    }
  };
  const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => `a${last - i}`);

  it('keeps its pages right while it grows and goes on in new files', async () => {
    const backend = await openOn('state.json', { logBytes: 2_000, logFiles: 20 });
    let count = 0;
    const grow = () => backend.commit(change('GET:/a', count++));
    for (let i = 0; i < 40; i++) await grow();
    expect(names().filter((name) => name.includes('.audit.')).length).toBeGreaterThan(5);
    expect(await actors(backend, 3, grow)).toEqual(upTo(0, 39));
    await backend.close();
    const again = await openOn('state.json', { logBytes: 2_000, logFiles: 20 });
    expect(await actors(again, 7, async () => undefined)).toEqual(upTo(0, count - 1));
  });

  it('keeps at least its capacity, at most half as much again', async () => {
    const backend = await openOn('state.json', { auditCapacity: 10 });
    for (let i = 0; i < 43; i++) await backend.commit(change('GET:/a', i));
    const kept = await actors(backend, 5, async () => undefined);
    expect(kept).toEqual(upTo(43 - kept.length, 42));
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(kept.length).toBeLessThanOrEqual(15);
    expect(names().filter((name) => name.includes('.audit.'))).toEqual(
      [1, 2, ''].map((age) => `state.json.audit.${age === '' ? '' : `${age}.`}jsonl`),
    );
  });

  it('is read by pieces, lines longer than a piece too', async () => {
    const backend = await openOn('state.json');
    for (let i = 0; i < 6; i++) await backend.commit(change('GET:/a', i, `${i}`.repeat(i % 2 === 0 ? 10 : 150_000)));
    const { items } = await backend.queryAudit({}, { limit: 10 });
    expect(items.map(({ reason }) => `${reason[0]} ${reason.length}`)).toEqual([
      '5 150000',
      '4 10',
      '3 150000',
      '2 10',
      '1 150000',
      '0 10',
    ]);
  });
});

describe('the lock', () => {
  it('keeps the same process from opening a file twice, and is gone after close', async () => {
    const first = await openOn('state.json');
    const second = new FileBackend(pathOf('state.json'));
    await expect(second.open()).rejects.toThrow(FileLockedError);
    await expect(second.open()).rejects.toThrow('in use by this process');
    await first.close();
    await second.open();
    await second.close();
    expect(names().filter((name) => name.startsWith('state.json.lock'))).toEqual([]);
  });

  it('holds whatever name the file is opened by', async () => {
    await openOn('state.json');
    symlinkSync(pathOf('state.json'), pathOf('link.json'));
    await expect(new FileBackend(pathOf('link.json')).open()).rejects.toThrow(FileLockedError);
  });

  const lockOf = (fields: object) =>
    writeFileSync(pathOf('state.json.lock'), JSON.stringify({ token: 'other', ...holder, ...fields }));
  let holder: Record<string, unknown>;
  beforeEach(async () => {
    await openOn('probe.json');
    holder = JSON.parse(read('probe.json.lock')) as Record<string, unknown>;
    delete holder['token'];
  });
  it.each([
    ['its process is gone', { pid: 2 ** 22 + 1 }],
    ['its process id belongs to another by now', { startTicks: '1' }],
  ])('is taken over when %s', async (_why, fields) => {
    lockOf(fields);
    await openOn('state.json');
    expect(JSON.parse(read('state.json.lock'))).toMatchObject(holder);
    expect(names().filter((name) => name.startsWith('state.json.lock'))).toEqual(['state.json.lock']);
  });

  it.each([
    ['on another machine', { host: 'elsewhere', boot: 'another' }],
    ['in another container', { pidNamespace: 'pid:[1]' }],
  ])('of a process %s holds while it gives signs of life', async (_where, fields) => {
    lockOf(fields);
    const signs = setInterval(() => utimesSync(pathOf('state.json.lock'), new Date(), new Date()), 200);
    await expect(new FileBackend(pathOf('state.json')).open()).rejects.toThrow(FileLockedError);
    clearInterval(signs);
    await openOn('state.json');
  });

  it('goes to exactly one of many that find it stale at once', async () => {
    for (let round = 0; round < 10; round++) {
      lockOf({ pid: 2 ** 22 + 1, token: `stale-${round}` });
      const takers = Array.from({ length: 8 }, () => new FileBackend(pathOf('state.json')));
      const results = await Promise.allSettled(takers.map((taker) => taker.open()));
      expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      for (const taker of takers) await taker.close();
    }
    expect(names().filter((name) => name.startsWith('state.json.lock'))).toEqual([]);
  });

  it('that was lost makes every later commit fail, and touches nothing of the new holder', async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0));
    const text = read('state.json');
    rmSync(pathOf('state.json.lock'));
    lockOf({});
    await expect(backend.commit(change('GET:/a', 1))).rejects.toThrow(BackendUnavailableError);
    await backend.close();
    expect(read('state.json')).toBe(text);
    expect(existsSync(pathOf('state.json.lock'))).toBe(true);
  });
});

describe('FileBackend', () => {
  it('refuses names without a format, and options out of range', () => {
    expect(() => new FileBackend('state.ini')).toThrow(ConfigurationError);
    expect(() => new FileBackend('state')).toThrow('.json, .yaml, .yml or .toml');
    expect(() => new FileBackend('state.json', { logFiles: 0 })).toThrow("Option 'logFiles'");
  });

  it('is what WAYGATE_BACKEND=file stands for', async () => {
    const surroundings = Environment.read(folder, { WAYGATE_BACKEND: 'file', WAYGATE_FILE_PATH: pathOf('deep/er/my.toml') });
    const engine = new WaygateEngine({ surroundings });
    await engine.open();
    await engine.maintenance.enable({ reason: 'moving' });
    await engine.close();
    expect(read('deep/er/my.toml')).toContain('reason = "moving"');
  });

  it('lets only its own user read what may hold secrets, and keeps the mode somebody chose', async () => {
    const backend = await openOn('state.json');
    await backend.commit(change('GET:/a', 0));
    const modes = () =>
      names()
        .filter((name) => !name.endsWith('.lock'))
        .map((name) => (statSync(pathOf(name)).mode & 0o777).toString(8));
    expect(modes()).toEqual(['600', '600', '600', '600', '600']);
    await backend.close();
    chmodSync(pathOf('state.json'), 0o640);
    await (await openOn('state.json')).commit(change('GET:/a', 1));
    expect((statSync(pathOf('state.json')).mode & 0o777).toString(8)).toBe('640');
  });

  it('makes the file a link points to where there is none yet, and refuses links that lead round', async () => {
    symlinkSync(pathOf('later/state.json'), pathOf('link.json'));
    await (await openOn('link.json')).commit(change('GET:/a', 0));
    expect(lstatSync(pathOf('link.json')).isSymbolicLink()).toBe(true);
    expect(existsSync(pathOf('later/state.json'))).toBe(true);
    symlinkSync(pathOf('round.json'), pathOf('round.json'));
    await expect(new FileBackend(pathOf('round.json')).open()).rejects.toThrow(BackendUnavailableError);
  });

  it('writes through no link that somebody else put beside the file', async () => {
    writeFileSync(pathOf('victim'), 'untouched');
    for (const name of ['state.json.tmp', 'state.json.bak.tmp']) symlinkSync(pathOf('victim'), pathOf(name));
    await (await openOn('state.json')).commit(change('GET:/a', 0));
    await expect.poll(() => names().includes('state.json.bak') && read('state.json.bak')).toBe(read('state.json'));
    expect(read('victim')).toBe('untouched');
    for (const name of ['state.json', 'state.json.bak']) expect(lstatSync(pathOf(name)).isSymbolicLink()).toBe(false);
  });

  it('replaces the file a link points to, not the link', async () => {
    writeFileSync(pathOf('real.yaml'), 'format: 1\nrevision: 0\nrecords: {}\n');
    symlinkSync(pathOf('real.yaml'), pathOf('state.yaml'));
    await (await openOn('state.yaml')).commit(change('GET:/a', 0));
    expect(lstatSync(pathOf('state.yaml')).isSymbolicLink()).toBe(true);
    expect(read('real.yaml')).toContain('GET:/a');
  });
});
