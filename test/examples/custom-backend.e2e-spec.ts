import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { backendContract } from '@waygate/core/testing';
import { WaygateEngine } from '@waygate/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteBackend } from '../../examples/custom-backend/src/sqlite-backend.js';
import { freePort } from '../support/free-port.js';
import { LONG_PATIENCE } from '../support/patience.mjs';

const MAIN = resolve('examples/custom-backend/dist/main.js');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waygate-sqlite-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('the SQLite backend of the example', () => {
  it.each(backendContract)('$name', ({ run }) => run(() => new SqliteBackend(join(folder, 'state.sqlite'))));

  it('gives back after a restart what was committed, and tells other processes', async () => {
    const path = join(folder, 'state.sqlite');
    const first = new WaygateEngine({ backend: new SqliteBackend(path) });
    await first.open();
    await first.routes.register([{ key: 'GET:/a', declaration: {} }]);
    await first.routes.disable('GET:/a', { reason: 'kept' });
    await first.close();
    const [second, third] = [path, path].map((file) => new WaygateEngine({ backend: new SqliteBackend(file) })) as [
      WaygateEngine,
      WaygateEngine,
    ];
    await Promise.all([second.open(), third.open()]);
    expect(second.decide('GET:/a')).toMatchObject({ kind: 'disabled', reason: 'kept' });
    await second.routes.enable('GET:/a');
    await expect.poll(() => third.decide('GET:/a').outcome).toBe('allow');
    await Promise.all([second.close(), third.close()]);
  });

  it('runs as the example says: a second start finds what the first one set, also when that was killed', async () => {
    const port = await freePort();
    const first = await start(port);
    expect(first.said).toContain('was active and is disabled now');
    expect((await fetch(`http://127.0.0.1:${port}/payments`)).status).toBe(503);
    await kill(first.child);
    const second = await start(port);
    expect(second.said).toContain('was disabled and is active now');
    expect(await (await fetch(`http://127.0.0.1:${port}/payments`)).json()).toEqual({ payments: ['p-1', 'p-2'] });
    await kill(second.child);
  });
});

async function start(port: number): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [MAIN], { cwd: folder, env: { ...process.env, PORT: String(port) } });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  await expect.poll(() => said, LONG_PATIENCE).toContain('/payments');
  await expect.poll(() => said).toMatch(/ is \w+ now/);
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
