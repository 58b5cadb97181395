import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  FileBackend,
  NO_MAINTENANCE,
  FileLockedError,
  WaygateEngine,
  type ChangeSet,
  type RecordedAuditEntry,
  type RouteRecord,
  type StateImage,
} from '@waygate/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileWriter } from '../support/file-writer.js';

let folder: string;
let writers: FileWriter[];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'waygate-file-')));
  writers = [];
});
afterEach(async () => {
  for (const writer of writers) await writer.kill9();
  rmSync(folder, { recursive: true });
});

const pathOf = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(pathOf(name), 'utf8');

function writer(path: string | readonly string[], mode: 'write' | 'steps', wrapper: readonly string[] = []): FileWriter {
  const started = new FileWriter(path, mode, wrapper);
  writers.push(started);
  return started;
}

/** Opens a state file, looks, and closes it. */
async function inspect(path: string): Promise<StateImage & { readonly audited: readonly RecordedAuditEntry[] }> {
  const backend = new FileBackend(path);
  await backend.open();
  try {
    const audited: RecordedAuditEntry[] = [];
    for (let cursor: string | undefined; ;) {
      const { items, next } = await backend.queryAudit({}, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
      audited.push(...items);
      if (next === null) return { ...(await backend.load()), audited };
      cursor = next;
    }
  } finally {
    await backend.close();
  }
}

const downFrom = (last: number) => Array.from({ length: last }, (_, i) => last - i);
const change = (key: string, reason = ''): ChangeSet => ({
  writes: [
    {
      kind: 'maintenance',
      key,
      expected: 0,
      value: { ...NO_MAINTENANCE, reason },
    },
  ],
  audit: [],
});

describe('a process killed while it writes', () => {
  it(
    'leaves a whole file, every acknowledged commit, and an audit entry for each commit and no other',
    { timeout: 900_000 },
    async () => {
      const lanes = await Promise.all([killOften('json', 43), killOften('yaml', 42), killOften('toml', 42)]);
      expect(readdirSync(folder).filter((name) => name.includes('.corrupt-'))).toEqual([]);
      const commits = lanes.reduce((sum, count) => sum + count);
      expect(commits).toBeGreaterThan(500);
      console.log(`killed 127 times with four files each, ${commits} commits acknowledged, 0 lost, 0 files torn`);
    },
  );

  /** Commits of a writer that go into one write of a file, and its files: each kill may tear all of them. */
  const LANES = 4;
  const FILES = 4;

  /** @returns how long a write of all files takes on this disk with this machine's load, in ms; each acknowledges the commits of all lanes */
  async function paceOf(paths: readonly string[]): Promise<number> {
    const child = writer(paths, 'write');
    await child.message(FILES - 1);
    const startedAt = performance.now();
    await child.message(FILES - 1 + 3 * LANES * FILES);
    await child.kill9();
    const names = paths.map((path) => basename(path));
    for (const name of readdirSync(folder))
      if (names.some((one) => name.startsWith(one))) rmSync(pathOf(name), { recursive: true });
    return (performance.now() - startedAt) / 3;
  }

  /** @returns how many commits were acknowledged; what was found wrong fails the test */
  async function killOften(extension: string, kills: number): Promise<number> {
    const paths = Array.from({ length: FILES }, (_, file) => pathOf(`state-${file}.${extension}`));
    const acknowledged = paths.map(() => new Map<string, number>());
    let commits = 0;
    const pace = await paceOf(paths);
    for (let kill = 1; kill <= kills; kill++) {
      const child = writer(paths, 'write');
      // It opened the files: read them whole, and took the locks of the one killed before.
      for (let file = 0; file < FILES; file++) expect(await child.message(file)).toHaveProperty('opened');
      // Anywhere within one of the next few writes: so many are waited for, and a part of the next one.
      await child.message(FILES - 1 + Math.floor(Math.random() * 4) * LANES * FILES);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pace));
      await child.kill9();
      for (const { file = 0, acknowledged: key, number } of child.messages) {
        if (key === undefined || number === undefined) continue;
        commits++;
        acknowledged[file]?.set(key, Math.max(acknowledged[file].get(key) ?? 0, number));
      }
      if (extension === 'json') for (const path of paths) JSON.parse(readFileSync(path, 'utf8'));
      if (kill % 15 !== 0 && kill !== kills) continue;
      for (const [file, path] of paths.entries()) await expectWhole(path, acknowledged[file] ?? new Map());
    }
    return commits;
  }

  /** Expects every acknowledged commit to be in the file, and one audit entry for each commit. */
  async function expectWhole(path: string, acknowledged: ReadonlyMap<string, number>): Promise<void> {
    const { revision, records, audited } = await inspect(path);
    const reasons = new Map(records.map(({ key, value }) => [key, (value as RouteRecord).override?.reason]));
    for (const [key, number] of acknowledged) expect(Number(reasons.get(key))).toBeGreaterThanOrEqual(number);
    expect(audited.map((entry) => entry.revision)).toEqual(downFrom(revision));
    // Each commit counts its key up by one: an entry for a commit that did not happen would be there a second time.
    for (const [key, reason] of reasons) {
      const counts = audited.filter((entry) => entry.key === key).map((entry) => Number(entry.reason));
      expect(counts).toEqual(downFrom(Number(reason)));
    }
  }
});

describe('a disk that fails', () => {
  // `when` counts within one thread: the first write is that of the empty file at the start, or the opening of the log. The folder is synced once
  // more, for the identity of the store.
  it.each([
    ['the new file cannot be written: disk full', 'state.json.tmp', 'pwrite64', 'ENOSPC', 3],
    ['the new file cannot be synced', 'state.json.tmp', 'fsync', 'EIO', 3],
    ['the new file cannot be put in place', 'state.json.tmp', 'rename', 'EIO', 3],
    ['the folder cannot be synced', '.', 'fsync', 'EIO', 5],
    ['the audit log cannot be written: disk full', 'state.json.audit.jsonl', 'pwrite64', 'ENOSPC', 3],
    ['the audit log cannot be synced', 'state.json.audit.jsonl', 'fdatasync', 'EIO', 3],
  ])('fails every commit of the write, and leaves all as it was, when %s', async (_what, name, call, error, when) => {
    const path = pathOf('state.json');
    const wrapper = ['strace', '-f', '-qq', '-o', pathOf('trace'), '-P', join(folder, name), '-e', `trace=${call}`];
    const child = writer(path, 'steps', [...wrapper, '-e', `inject=${call}:error=${error}:when=${when}`]);
    expect(await child.message(0)).toEqual({ file: 0, opened: 0 });
    expect(await child.step(1)).toEqual({ done: 1, errors: [], revision: 1, records: 1, audit: 1, heard: 1 });
    const before = read('state.json');

    const failed = await child.step(5);
    expect(failed).toMatchObject({ done: 0, revision: 1, records: 1, audit: 1, heard: 0 });
    expect(failed?.errors).toEqual([expect.stringMatching(`^BackendUnavailableError: .*'${pathOf('state.json')}.*: ${error}`)]);
    expect(read('state.json')).toBe(before);
    expect(read('trace')).toContain('INJECTED');

    expect(await child.step(2)).toEqual({ done: 2, errors: [], revision: 3, records: 3, audit: 3, heard: 2 });
    await child.kill9();
    expect(await inspect(path)).toMatchObject({ revision: 3, audited: [{ revision: 3 }, { revision: 2 }, { revision: 1 }] });
  });

  it('that is full makes commits fail until there is room again (RLIMIT_FSIZE)', async () => {
    const path = pathOf('state.json');
    const child = writer(path, 'steps', ['prlimit', '--fsize=4096']);
    expect(await child.message(0)).toEqual({ file: 0, opened: 0 });
    let stored = 0;
    let failure: Awaited<ReturnType<FileWriter['step']>>;
    do {
      failure = await child.step(1);
      stored += failure?.done ?? 0;
    } while (failure?.done === 1);
    expect(failure?.errors).toEqual([expect.stringContaining('EFBIG')]);
    await child.end();
    expect(await inspect(path)).toMatchObject({ revision: stored });
    expect((await inspect(path)).records.length).toBe(stored);
  });

  const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' }).status === 0;
  if (!mayMount)
    console.warn(
      'Not run: the disk of 64 KB, which only root may mount. Run the tests as root for it; strace injects the same error above.',
    );
  it.runIf(mayMount)('of 64 KB makes commits fail when full, and work again when there is room', async () => {
    const disk = pathOf('disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    const backend = new FileBackend(join(disk, 'state.json'));
    try {
      await backend.open();
      await backend.commit(change('first'));
      const before = readFileSync(join(disk, 'state.json'), 'utf8');
      const big = 'x'.repeat(10_000);
      const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => backend.commit(change(`big-${i}`, big))));
      expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
      expect(results[0]).toMatchObject({
        reason: { name: 'BackendUnavailableError', message: expect.stringContaining('ENOSPC') as unknown },
      });
      expect(readFileSync(join(disk, 'state.json'), 'utf8')).toBe(before);
      expect((await backend.load()).records.map(({ key }) => key)).toEqual(['first']);
      expect(await backend.commit(change('small'))).toEqual({ revision: 2 });
    } finally {
      await backend.close();
      execFileSync('umount', [disk]);
    }
  });

  it.runIf(mayMount)('is reported as trouble until a change is saved again', async () => {
    const disk = pathOf('full-disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    const engine = new WaygateEngine({ backend: new FileBackend(join(disk, 'state.json')) });
    try {
      await engine.open();
      await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
      expect(engine.troubles).toEqual([]);
      const filler = join(disk, 'filler');
      expect(() => writeFileSync(filler, 'x'.repeat(64 * 1024))).toThrow('ENOSPC');
      await expect(engine.routes.disable('GET:/a')).rejects.toThrow('ENOSPC');
      expect(engine.troubles).toEqual([expect.stringMatching(/^changes cannot be saved: .*ENOSPC/)]);
      rmSync(filler);
      await engine.routes.disable('GET:/a');
      expect(engine.troubles).toEqual([]);
    } finally {
      await engine.close();
      execFileSync('umount', [disk]);
    }
  });
});

describe('a second process on the same file', () => {
  it('is refused, naming the first, and leaves everything as it is', async () => {
    const path = pathOf('state.json');
    const first = writer(path, 'steps');
    await first.message(0);
    await first.step(1);
    // The last thing the first does by itself, a moment after it wrote.
    await expect.poll(() => read('state.json.bak')).toBe(read('state.json'));
    const before = readdirSync(folder).toSorted();
    const failure = new FileBackend(path).open();
    await expect(failure).rejects.toThrow(FileLockedError);
    await expect(failure).rejects.toMatchObject({ holder: { pid: first.pid } });
    await expect(failure).rejects.toThrow(`in use by process ${first.pid} on `);
    await expect(new WaygateEngine({ backend: new FileBackend(path) }).open()).rejects.toThrow(FileLockedError);
    expect(readdirSync(folder).toSorted()).toEqual(before);
    await first.end();
    expect((await inspect(path)).revision).toBe(1);
  });

  it('is refused even while the first is frozen, and may go on where it was killed', async () => {
    const path = pathOf('state.json');
    const first = writer(path, 'steps');
    await first.message(0);
    await first.step(3);
    first.signal('SIGSTOP');
    await expect(new FileBackend(path).open()).rejects.toThrow(FileLockedError);
    await first.kill9();
    expect((await inspect(path)).revision).toBe(3);
  });

  it('is one of ten that come at once over the lock of a dead one: exactly one gets in', async () => {
    const path = pathOf('state.json');
    const dead = writer(path, 'steps');
    await dead.message(0);
    await dead.kill9();
    expect(existsSync(pathOf('state.json.lock'))).toBe(true);
    const takers = Array.from({ length: 10 }, () => writer(path, 'steps'));
    const answers = await Promise.all(takers.map((taker) => taker.message(0)));
    expect(answers.filter((answer) => answer?.opened === 0).length).toBe(1);
    expect(answers.filter((answer) => answer?.failed === 'FileLockedError').length).toBe(9);
  });
});

describe('commits that come together', () => {
  it('share the cost of safety: 100 at once take a few syncs', async () => {
    const child = writer(pathOf('state.json'), 'steps', [
      'strace',
      '-f',
      '-qq',
      '-o',
      pathOf('trace'),
      '-e',
      'trace=fsync,fdatasync',
    ]);
    await child.message(0);
    const syncs = () =>
      read('trace')
        .split('\n')
        .filter((line) => /(fsync|fdatasync)\(\d/.test(line)).length;
    const before = syncs();
    expect(await child.step(100)).toMatchObject({ done: 100, errors: [], revision: 100, audit: 100, heard: 100 });
    const count = syncs() - before;
    console.log(`100 commits at once: ${count} syncs`);
    expect(count).toBeGreaterThanOrEqual(3);
    expect(count).toBeLessThanOrEqual(6);
  });
});

describe('a state file that cannot be read', () => {
  it('is set aside at the start of the application, which goes on from the last good copy and says so', async () => {
    const path = pathOf('state.yaml');
    const engineOn = async () => {
      const engine = new WaygateEngine({ backend: new FileBackend(path) });
      await engine.open();
      await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
      return engine;
    };
    const first = await engineOn();
    await first.routes.disable('GET:/a', { reason: 'hotfix' });
    await first.routes.disable('GET:/a', { reason: 'hotfix, second try' });
    await first.close();
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 150));

    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const second = await engineOn();
    expect(second.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'hotfix, second try' });
    await second.close();
    await expect.poll(() => warnings.length).toBe(1);
    process.off('warning', listen);
    expect(warnings[0]).toMatch(
      /state\.yaml:\d+:\d+: .* It was set aside as '.*\.corrupt-.*'; the last good copy, revision \d+, is used\./s,
    );
  });
});
