// Runs the benchmarks named on the command line, or all of them: `npm run bench -- decision nest`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, install } from '../scripts/steps.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const ALL = [
  'decision',
  'counters',
  'redis',
  'backend',
  'flags',
  'openfeature',
  'streams',
  'server',
  'recovery',
  'admin',
  'bodies',
  'cli',
  'nest',
];

install();
build();
install(here);
const named = process.argv.slice(2);
const unknown = named.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}. There are: ${ALL.join(', ')}`);
  process.exit(2);
}
for (const name of named.length > 0 ? named : ALL) {
  console.log(`\n══ ${name} ══`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(here, `${name}.mjs`)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
