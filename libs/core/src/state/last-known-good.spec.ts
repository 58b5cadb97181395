import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LastKnownGood } from './last-known-good.js';
import { MemoryBackend } from '../backend/memory-backend.js';
import { Environment } from '../config/environment.js';
import { WaygateEngine } from '../engine.js';
import { BackendUnavailableError } from '../model/errors.js';
import type { StateImage } from '../schema/record.js';
import { expectWithin } from '../../../../test/support/measure.js';

/** A store somewhere else, which can be away. */
class Remote extends MemoryBackend {
  away = false;
  override async open(): Promise<void> {
    this.#check();
  }
  override async load(): Promise<StateImage> {
    this.#check();
    return super.load();
  }
  override async close(): Promise<void> {}
  #check(): void {
    if (this.away) throw new BackendUnavailableError('nobody is at home');
  }
}

let folder: string;
let path: string;
const warnings: string[] = [];
const note = (warning: Error) => warnings.push(warning.message);
const engines: WaygateEngine[] = [];

async function start(backend: Remote): Promise<WaygateEngine> {
  const engine = new WaygateEngine({ backend, snapshotPath: path, initTimeout: 500, surroundings: Environment.read('/', {}) });
  engines.push(engine);
  await engine.open();
  await engine.routes.register([{ key: 'GET:/a', declaration: {} }]);
  return engine;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waygate-copy-'));
  path = join(folder, 'waygate.copy');
  process.on('warning', note);
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  process.off('warning', note);
  warnings.length = 0;
  await rm(folder, { recursive: true });
});

describe('the last known good copy', () => {
  it('is for its owner only, and writes through no link that somebody left in its folder', async () => {
    const victim = join(folder, 'victim');
    await writeFile(victim, 'dear', { mode: 0o644 });
    await symlink(victim, `${path}.${process.pid}.tmp`);
    await (await start(new Remote())).close();
    expect(await readFile(victim, 'utf8')).toBe('dear');
    const written = await lstat(path);
    expect([written.isFile(), written.mode & 0o777, warnings]).toEqual([true, 0o600, []]);
  });

  it('that cannot be written leaves nothing behind, is told, and holds up nothing', async () => {
    const engine = await start(new Remote());
    await engine.close();
    await rm(path);
    // Nothing can be renamed onto a folder that is not empty.
    await mkdir(join(path, 'in-the-way'), { recursive: true });
    const another = await start(new Remote());
    await another.routes.disable('GET:/a');
    await another.close();
    await expect.poll(() => warnings.some((warning) => warning.includes('cannot be written'))).toBe(true);
    expect(await readdir(folder)).toEqual(['waygate.copy']);
  });

  it('is told of once while it cannot be written, and makes its own folder', async () => {
    const place = join(folder, 'made', 'on', 'the', 'way');
    const problems: string[] = [];
    const copy = new LastKnownGood({ path: join(place, 'copy'), onError: (what) => problems.push(what) });
    const write = async () => {
      copy.keep(() => ({ revision: 1, records: [], epoch: 'e' }));
      await copy.flush();
    };
    await write();
    expect([await copy.read(), problems]).toEqual([{ revision: 1, records: [], epoch: 'e' }, []]);
    const breakIt = async () => {
      await rm(join(place, 'copy'), { recursive: true, force: true });
      await mkdir(join(place, 'copy', 'in-the-way'), { recursive: true });
    };
    await breakIt();
    for (let i = 0; i < 3; i++) await write();
    expect(problems).toHaveLength(1);
    await rm(place, { recursive: true });
    await write();
    await breakIt();
    await write();
    expect(problems).toHaveLength(2);
  });

  it('decides at a start without the backend, and gives way to it when it is back', async () => {
    const backend = new Remote();
    const first = await start(backend);
    await first.routes.disable('GET:/a', { reason: 'kept' });
    await first.close();

    backend.away = true;
    let second = first;
    await expectWithin(3_000, async () => {
      const began = performance.now();
      second = await start(backend);
      return performance.now() - began;
    });
    expect(second.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'kept' });
    expect(second.health).toMatchObject({ status: 'stale', revision: first.revision });
    expect(second.health.reason).toContain('last known good copy');
    await expect(second.routes.enable('GET:/a')).rejects.toBeInstanceOf(BackendUnavailableError);

    backend.away = false;
    await expect.poll(() => second.health.status).toBe('ready');
    await second.routes.enable('GET:/a');
    expect(second.decide('GET:/a').outcome).toBe('allow');
  });

  it('is written soon after a change, readable for nobody else', async () => {
    const engine = await start(new Remote());
    await engine.routes.disable('GET:/a', { reason: 'seen on disk' });
    await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toContain('seen on disk');
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it.each([
    ['changed by a bit', (text: string) => text.replace('kept', 'kepT')],
    ['torn', (text: string) => text.slice(0, -20)],
    ['empty', () => ''],
    ['of a later format', (text: string) => text.replace('"format":1', '"format":2')],
  ])('is told of and not used when it is %s', async (_how, spoil) => {
    const backend = new Remote();
    const first = await start(backend);
    await first.routes.disable('GET:/a', { reason: 'kept' });
    await first.close();
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    backend.away = true;
    const second = await start(backend);
    expect(second.decide('GET:/a').outcome).toBe('allow');
    await expect.poll(() => warnings.join()).toContain(path);
  });

  it('is not replaced by what a copy or the code alone said', async () => {
    const backend = new Remote();
    const first = await start(backend);
    await first.routes.disable('GET:/a', { reason: 'kept' });
    await first.close();
    const copy = await readFile(path, 'utf8');
    backend.away = true;
    await (await start(backend)).close();
    expect(await readFile(path, 'utf8')).toBe(copy);
    expect(await readdir(folder)).toEqual(['waygate.copy']);
  });

  it('of many records is written without holding up the process', async () => {
    const backend = new Remote();
    const engine = await start(backend);
    const keys = Array.from({ length: 20_000 }, (_, i) => ({ key: `GET:/r/${i}`, declaration: {} }));
    await engine.routes.register(keys);
    // Processor time between two turns of a timer: how long it has to wait, other programs of the machine apart.
    let longest = 0;
    let last = process.cpuUsage();
    const timer = setInterval(() => {
      const { user, system } = process.cpuUsage(last);
      longest = Math.max(longest, (user + system) / 1_000);
      last = process.cpuUsage();
    }, 1);
    await expect.poll(async () => (await stat(path).catch(() => null))?.size ?? 0).toBeGreaterThan(1_000_000);
    clearInterval(timer);
    expect(longest).toBeLessThan(250);
  });
});
