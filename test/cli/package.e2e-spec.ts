import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';

const PACKAGE = join(process.cwd(), 'apps', 'cli');
const execute = promisify(execFile);

describe('@waygate/cli, packed and installed into an empty folder', () => {
  let server: AdminApp;
  let folder: string;
  let files: readonly string[];

  beforeAll(async () => {
    server = await startAdmin('express');
    folder = mkdtempSync(join(tmpdir(), 'waygate-npx-'));
    mkdirSync(join(folder, 'home'));
    execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')]);
    const args = ['pack', '--json', '--pack-destination', folder];
    const packed = execFileSync('npm', args, { cwd: PACKAGE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [{ filename, files: listed }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    files = listed.map(({ path }) => path);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--offline', '--loglevel=error', `./${filename}`], {
      cwd: folder,
    });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.app.close();
  });

  const npx = async (...args: string[]) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home'), WAYGATE_SERVER_URL: `${server.url}/waygate` };
    return (await execute('npx', ['--offline', 'waygate', ...args], { cwd: folder, env })).stdout;
  };

  it('holds the file it starts from and one with what is seldom needed', () => {
    const code = ['dist/waygate-late.cjs', 'dist/waygate.cjs'];
    expect([...files].toSorted()).toEqual(['LICENSE', 'README.md', ...code, 'package.json']);
  });

  it('needs no other package', () => {
    const installed = execFileSync('npm', ['ls', '--all', '--parseable'], { cwd: folder, encoding: 'utf8' });
    expect(installed.trim().split('\n')).toHaveLength(2);
  });

  it('runs by npx: signs in, changes a route, and tells of it', async () => {
    expect(await npx('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await npx('login', ADMIN.username, '--password', ADMIN.password)).toContain('✓ Logged in as admin\n');
    expect(await npx('disable', 'GET:/payments', '-r', 'packed')).toBe('✗ GET:/payments → DISABLED\n  Reason: packed\n');
    expect((await server.request('/payments')).status).toBe(503);
    expect(await npx('log')).toMatch(/GET:\/payments +disable +admin +cli +active → disabled +packed\n/);
    expect(await npx('export')).toContain('    reason: packed\n');
  });
});
