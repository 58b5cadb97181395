// What the tests need beyond npm, as Debian packages. Installed when missing and root may; otherwise named with the line to type.
import { spawnSync } from 'node:child_process';
import { run } from './steps.mjs';

const NEEDED = [
  { command: 'redis-server', package: 'redis-server', for: 'tests against a real Redis' },
  { command: 'strace', package: 'strace', for: 'tests against a disk that fails' },
  { command: 'chromium', package: 'chromium', for: 'tests in a real browser' },
  { command: 'nginx', package: 'nginx-light', for: 'tests behind a real proxy' },
];

/** Makes the packages available or ends the process, saying how to get them. */
export function requireSystemPackages() {
  const missing = NEEDED.filter(({ command }) => !isThere(command));
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.package);
  const line = `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    console.log(`Installing ${names.join(', ')} …`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('sh', ['-c', `${line} >/dev/null`], { env });
    if (missing.every(({ command }) => isThere(command))) return;
  }
  console.error('\nThe tests need what is not installed:');
  for (const entry of missing) console.error(`  ${entry.command}: ${entry.for}`);
  console.error(`\nOn Debian and Ubuntu type:\n  sudo sh -c '${line}'\n`);
  process.exit(1);
}

function isThere(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}
