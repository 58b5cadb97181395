import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEVERAL_PROCESSES } from './support/patience.mjs';

// Nothing here blocks this process: the test runner takes one that is silent for a minute for dead.
const run = promisify(execFile);
const ROOT = process.cwd();
const MUCH_TEXT = { maxBuffer: 64 * 1024 * 1024 } as const;
const LIBS = readdirSync(join(ROOT, 'libs'));
let clone: string;

/** Tracked files and what is not committed yet, in a repository of its own. */
beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'waygate-release-'));
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], MUCH_TEXT);
  for (const file of stdout.split('\0')) if (file !== '' && existsSync(file)) await cp(file, join(clone, file));
  for (const lib of LIBS) await cp(join('libs', lib, 'dist'), join(clone, 'libs', lib, 'dist'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  await git('init', '--quiet', '--initial-branch', 'main');
  await commit('All');
}, SEVERAL_PROCESSES.timeout);
afterAll(() => rmSync(clone, { recursive: true }));

async function git(...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  return (await run('git', [...identity, ...args], { ...MUCH_TEXT, cwd: clone })).stdout;
}

async function commit(message: string): Promise<void> {
  await git('add', '--all');
  await git('commit', '--quiet', '--message', message);
}

function release(...args: string[]): Promise<{ readonly status: number | null; readonly said: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['scripts/release.mjs', ...args],
      { ...MUCH_TEXT, cwd: clone },
      (_error, stdout, stderr) => done({ status: child.exitCode, said: stdout + stderr }),
    );
  });
}

function read(path: string): Manifest {
  return JSON.parse(readFileSync(join(clone, path), 'utf8')) as Manifest;
}

/** What is looked at in `package.json` files and the lock file. */
interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, Manifest>>;
}

describe('a release', SEVERAL_PROCESSES, () => {
  it('is refused while the changelog has changes without a version', async () => {
    expect(await release('publish', '--dry-run')).toMatchObject({
      status: 1,
      said: expect.stringContaining('release:version') as string,
    });
  });

  it('is refused without a level', async () => {
    expect(await release('version')).toMatchObject({ status: 1, said: expect.stringContaining('Usage') as string });
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('gives all packages the next version, and their dependents in the repository too', async () => {
    expect(await release('version', 'minor')).toMatchObject({ status: 0 });
    const versions = LIBS.map((lib) => read(`libs/${lib}/package.json`).version);
    expect(new Set(versions)).toEqual(new Set(['0.2.0']));
    expect(read('libs/nestjs/package.json').dependencies['@waygate/core']).toBe('0.2.0');
    expect(read('apps/cli/package.json').devDependencies['@waygate/client']).toBe('0.2.0');
    expect(read('examples/decorators/package.json').dependencies['@waygate/nestjs']).toBe('0.2.0');
    const lock = read('package-lock.json');
    expect(lock.packages['libs/core']?.version).toBe('0.2.0');
    expect(lock.packages['apps/demo']?.dependencies['@waygate/nestjs']).toBe('0.2.0');
    expect(JSON.stringify(lock)).not.toContain('"resolved":"http');
  });

  it('dates the changes in the changelog', () => {
    expect(readFileSync(join(clone, 'CHANGELOG.md'), 'utf8')).toMatch(/## Unreleased\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### /);
  });

  it('is refused a second version before something else has changed', async () => {
    expect(await release('version', 'patch')).toMatchObject({ status: 1, said: expect.stringContaining('no changes') as string });
    expect(read('libs/core/package.json').version).toBe('0.2.0');
  });

  it('changes no source, and packs every package after its dependencies', async () => {
    const touched = (await git('status', '--porcelain')).split('\n').filter((line) => /\.(ts|mjs|js)$/.test(line));
    expect(touched).toEqual([]);
    const { status, said } = await release('publish', '--dry-run');
    expect({ status, said }).toMatchObject({ status: 0 });
    const positions = ['core', 'client', 'nestjs', 'server'].map((name) => said.indexOf(`would publish @waygate/${name}@0.2.0`));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    for (const lib of [...LIBS, 'cli', 'server']) expect(said).toContain(`would publish @waygate/${lib}@0.2.0`);
  });
});
