// Builds the core, the Redis backend, and the server backend of an earlier commit into one file, for the compatibility tests.
// Usage: node scripts/freeze-release.mjs <commit> <version>
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun, ROOT } from './steps.mjs';

const [commit, version] = process.argv.slice(2);
if (commit === undefined || version === undefined) throw new Error('Usage: node scripts/freeze-release.mjs <commit> <version>');

const folder = mkdtempSync(join(tmpdir(), 'waygate-release-'));
try {
  const archive = execFileSync('git', ['archive', commit, 'libs'], { cwd: ROOT, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const entry = join(folder, 'entry.ts');
  writeFileSync(
    entry,
    `export { FileBackend, WaygateEngine } from '@waygate/core';
export { RedisBackend } from '@waygate/redis';
export { WaygateServerBackend } from '@waygate/client/backend';
`,
  );
  const source = (name, path) => `--alias:@waygate/${name}=${join(folder, 'libs', path)}`;
  mustRun(join(ROOT, 'node_modules', '.bin', 'esbuild'), [
    entry,
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--minify',
    '--keep-names',
    '--packages=external',
    '--log-level=warning',
    source('core', 'core/src/index.ts'),
    source('redis', 'redis/src/index.ts'),
    source('client/backend', 'client/src/backend/index.ts'),
    source('client', 'client/src/index.ts'),
    `--banner:js=// Version ${version} (commit ${commit}), built by scripts/freeze-release.mjs. Do not edit.`,
    `--outfile=${join(ROOT, 'test', 'compat', `release-${version}.mjs`)}`,
  ]);
} finally {
  rmSync(folder, { recursive: true });
}
