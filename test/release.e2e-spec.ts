import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = process.cwd();
const LIBS = readdirSync(join(ROOT, 'libs'));
let clone: string;

/** Tracked files and what is not committed yet, in a repository of its own. */
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'waygate-release-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' });
  for (const file of files.split('\0')) if (file !== '' && existsSync(file)) cpSync(file, join(clone, file));
  for (const lib of LIBS) cpSync(join('libs', lib, 'dist'), join(clone, 'libs', lib, 'dist'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  git('init', '--quiet', '--initial-branch', 'main');
  commit('All');
});
afterAll(() => rmSync(clone, { recursive: true }));

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...identity, ...args], { cwd: clone, encoding: 'utf8' });
}

function commit(message: string): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

function release(...args: string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/release.mjs', ...args], {
    cwd: clone,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

function read(path: string): Manifest {
  return JSON.parse(readFileSync(join(clone, path), 'utf8')) as Manifest;
}

/** What is looked at in `package.json` files and the lock file. */
interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, Manifest>>;
}

describe('a release', () => {
  it('is refused while changes belong to no version', () => {
    writeFileSync(join(clone, '.changeset', 'brave-doors.md'), "---\n'@waygate/core': minor\n---\n\nRoutes can be painted.\n");
    expect(release('publish', '--dry-run')).toMatchObject({
      status: 1,
      said: expect.stringContaining('release:version') as string,
    });
  });

  it('gives all packages one version, and who uses them here that version too', () => {
    expect(release('version')).toMatchObject({ status: 0 });
    const versions = LIBS.map((lib) => read(`libs/${lib}/package.json`).version);
    expect(new Set(versions)).toEqual(new Set(['0.2.0']));
    expect(read('libs/nestjs/package.json').dependencies['@waygate/core']).toBe('0.2.0');
    expect(read('examples/decorators/package.json').dependencies['@waygate/nestjs']).toBe('0.2.0');
    const lock = read('package-lock.json');
    expect(lock.packages['libs/core']?.version).toBe('0.2.0');
    expect(lock.packages['apps/demo']?.dependencies['@waygate/nestjs']).toBe('0.2.0');
    expect(JSON.stringify(lock)).not.toContain('"resolved":"http');
    expect(existsSync(join(clone, '.changeset', 'brave-doors.md'))).toBe(false);
  });

  it('says in the changelogs what is new', () => {
    expect(readFileSync(join(clone, 'libs/core/CHANGELOG.md'), 'utf8')).toMatch(
      /^# Changelog\n+## 0\.2\.0\n[^]*Routes can be painted\./,
    );
    expect(readFileSync(join(clone, 'CHANGELOG.md'), 'utf8')).toMatch(/## Unreleased\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### /);
  });

  it('changes no source, and packs every package', () => {
    const touched = git('status', '--porcelain')
      .split('\n')
      .filter((line) => /\.(ts|mjs|js)$/.test(line));
    expect(touched).toEqual([]);
    const { status, said } = release('publish', '--dry-run');
    expect({ status, said }).toMatchObject({ status: 0 });
    for (const lib of LIBS) expect(said).toContain(`would publish @waygate/${lib}@0.2.0`);
  });
});
