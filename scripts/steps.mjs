import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the root, its output shown. @returns whether it succeeded */
export function run(command, args, options = {}) {
  return exitCode(command, args, options) === 0;
}

/** The same. @returns its exit code; 1 where it could not be started or was killed */
export function exitCode(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

/** Runs a command and ends the process where it fails. */
export function mustRun(command, args, options) {
  if (!run(command, args, options)) {
    console.error(`\nFailed: ${command} ${args.join(' ')}`);
    process.exit(1);
  }
}

/** Installs exactly what the lock file of a folder names, unless that is there already. */
export function install(folder = ROOT) {
  const lock = join(folder, 'package-lock.json');
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing dependencies (npm ci) …');
  mustRun('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

export function build() {
  console.log('Building …');
  mustRun(process.execPath, [join(ROOT, 'libs', 'admin', 'browser', 'build.mjs')]);
  mustRun(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'tsconfig.build.json']);
  mustRun(process.execPath, [join(ROOT, 'scripts', 'embed-assets.mjs')]);
  mustRun(process.execPath, [join(ROOT, 'scripts', 'openapi.mjs')]);
  mustRun(process.execPath, [join(ROOT, 'apps', 'cli', 'build.mjs')]);
}
