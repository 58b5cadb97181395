import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
const overrideOf = (reason: string) =>
  reason === '' ? null : { state: 'disabled' as const, reason, environments: null, window: null, beneath: null };
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
    expect(after).toEqual({ revision: before.revision, records: before.records });
    expect((await second.queryAudit({}, { limit: 10 })).items.map(({ revision }) => revision)).toEqual([2, 1]);
    expect((await second.queryHits({}, { limit: 10 })).items).toEqual([hitOf('h')]);
    expect((await second.commit(change('GET:/a', 1))).revision).toBe(4);
  });
});

describe.each(FORMATS)('what is written to .%s', (extension) => {
  it('comes back as it was, whatever it is', async () => {
    const json = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }));
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    const awkward = fc.constantFrom(
      '__proto__',
      'constructor',
      '<<',
      'null',
      'nan',
      '- a',
      '# b',
      'a: b',
      ' ',
      '"',
      "'",
      '1',
      'yes',
      '---',
      '\n',
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.oneof(text, awkward), json, { minKeys: 1, maxKeys: 4 }), async (values) => {
        const name = `property-${run++}.${extension}`;
        const first = await openOn(name);
        // What a document can hold: JSON knows no -0.
        const given = JSON.parse(JSON.stringify(values)) as typeof values;
        const writes = Object.entries(given).map(
          ([key, value]) => ({ kind: 'edge', key, expected: 0, value }) as never as RecordWrite,
        );
        await first.commit({ writes, audit: [] });
        await first.close();
        const second = await openOn(name);
        const { records } = await second.load();
        expect(Object.fromEntries(records.map(({ key, value }) => [key, value]))).toEqual(given);
        await second.close();
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of commits', async () => {
    const texts = [];
    for (const keys of [
      ['GET:/a', 'GET:/b', 'POST:/a'],
      ['POST:/a', 'GET:/a', 'GET:/b'],
    ]) {
      const name = `order-${texts.length}.${extension}`;
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
        override: { state: disabled, reason: x, environments: null, window: null, beneath: null }
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

  it.each([
    ['json', 'state.json:1:1', '', 'the file is empty'],
    ['json', 'state.json:4:1', '{\n  "format": 1,\n  "revision": 0,\n}', 'the name of a member'],
    ['json', 'state.json:3:16', '{\n  "format": 1,\n  "revision": 0\n  "records": {}\n}', ''],
  ])('is refused with line and column: .%s at %s', async (format, place, text) => {
    writeFileSync(pathOf(`state.${format}`), text);
    const failure = new FileBackend(pathOf(`state.${format}`)).open();
    await expect(failure).rejects.toThrow(StateFileError);
    await expect(failure).rejects.toThrow(place);
  });
});

describe('FileBackend', () => {
  it('refuses names without a format, and options out of range', () => {
    expect(() => new FileBackend('state.ini')).toThrow(ConfigurationError);
    expect(() => new FileBackend('state')).toThrow('.json, .yaml, .yml or .toml');
    expect(() => new FileBackend('state.json', { logFiles: 0 })).toThrow("Option 'logFiles'");
  });
  void [chmodSync, existsSync, symlinkSync, vi, names, Environment, FileLockedError, warnings];
});
