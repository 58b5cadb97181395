// Runs a command on several majors of Node, each in a fresh clone of what is committed: `node scripts/node-versions.mjs 22 24 -- npm test`.
// Default: 20, 22 and 24, and `npm test`. The binaries come from the registry, as `node-<platform>-<arch>`; they need no install script.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { mustRun, ROOT } from './steps.mjs';

const words = process.argv.slice(2);
const end = words.indexOf('--');
const majors = (end === -1 ? words : words.slice(0, end)).map(Number);
const [command, ...args] = end === -1 ? ['npm', 'test'] : words.slice(end + 1);
if (command === undefined || majors.some((major) => !Number.isInteger(major))) {
  console.error('Usage: node-versions.mjs [20 22 24] [-- command …]');
  process.exit(1);
}

const results = (majors.length === 0 ? [20, 22, 24] : majors).map((major) => runOn(major));
for (const { version, seconds, succeeded } of results) console.log(`${succeeded ? '✓' : '✗'} Node ${version} (${seconds} s)`);
process.exit(results.every(({ succeeded }) => succeeded) ? 0 : 1);

function runOn(major) {
  const folder = mkdtempSync(join(tmpdir(), `waygate-node-${major}-`));
  const started = Date.now();
  try {
    const node = packageOf(major, folder);
    // Compiled packages take the headers of this Node, whatever the machine's settings of npm say.
    const env = { ...process.env, PATH: `${join(node, 'bin')}${delimiter}${process.env.PATH}`, npm_config_nodedir: node };
    const version = execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim();
    const clone = join(folder, 'clone');
    mustRun('git', ['clone', '--quiet', ROOT, clone]);
    console.log(`\n── Node ${version}: ${[command, ...args].join(' ')} ──`);
    const { status } = spawnSync(command, args, { cwd: clone, env, stdio: 'inherit' });
    return { version, seconds: Math.round((Date.now() - started) / 1_000), succeeded: status === 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder of a Node of that major: `bin` and `include`. */
function packageOf(major, folder) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const prefix = join(folder, 'node');
  mustRun('npm', ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--loglevel=error', `${name}@${major}`], {
    stdio: 'pipe',
  });
  return join(prefix, 'node_modules', name);
}
