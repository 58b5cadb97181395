// Packs every library, installs the tarballs into empty apps outside the repository, and boots them: Nest 12 as ES modules, Nest 11 as
// CommonJS on the lowest and the latest release, the latter also under Jest 30. Writes test/artifacts/packages.json and fails when one fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'waygate-packages-'));
const results = [];

/** Runs one check; what it prints is shown only when it fails. */
function check(name, run) {
  const started = Date.now();
  try {
    run();
    results.push({ name, passed: true });
    console.log(`  ✓ ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    results.push({ name, passed: false });
    console.error(`  ✗ ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}\n`);
    return false;
  }
}

function exec(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'test' },
  });
  if (error) throw error;
  if (status !== 0) throw Object.assign(new Error(`${command} ${args.join(' ')} ended with ${status}`), { stdout, stderr });
  return stdout;
}

const tarballs = {};
for (const folder of readdirSync(join(root, 'libs'))) {
  const { name } = JSON.parse(readFileSync(join(root, 'libs', folder, 'package.json'), 'utf8'));
  check(`${name} packs what it needs and nothing else`, () => {
    const [{ filename, files }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', work], {
        cwd: join(root, 'libs', folder),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const paths = files.map(({ path }) => path);
    for (const wanted of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/index.js.map',
    ]) {
      if (!paths.includes(wanted)) throw new Error(`${wanted} is missing`);
    }
    const stray = paths.filter((path) => /\.spec\.|tsbuildinfo|^src\//.test(path));
    if (stray.length > 0) throw new Error(`stray files: ${stray.join(', ')}`);
    tarballs[name] = join(work, filename);
  });
}

const fixtures = [
  {
    name: 'Nest 12, ES modules',
    folder: 'nest12-esm',
    version: '12',
    steps: ['npx tsc', 'node dist/main.js express', 'node dist/main.js fastify'],
  },
  { name: 'Nest 11, CommonJS', folder: 'nest11-cjs', version: '11', steps: ['npx tsc', 'node dist/main.js', 'npx jest'] },
  { name: 'Nest 11.0.1, CommonJS', folder: 'nest11-cjs', version: '11.0.1', steps: ['npx tsc', 'node dist/main.js'] },
  { name: 'ioredis 5', folder: 'ioredis', version: '5', steps: ['node main.js'] },
  { name: 'ioredis 5.4.0', folder: 'ioredis', version: '5.4.0', steps: ['node main.js'] },
  { name: 'ioredis 6', folder: 'ioredis', version: '6', steps: ['node main.js'] },
];
for (const { name, folder, version, steps } of fixtures) {
  const target = join(work, `${folder}-${version}`);
  mkdirSync(target);
  cpSync(join(here, 'fixtures', folder), target, { recursive: true });
  const installed = check(`${name}: installs`, () => {
    const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(manifest.dependencies)) {
      if (/^(@nestjs\/(common|core|platform-\w+|swagger|testing)|ioredis)$/.test(dependency))
        manifest.dependencies[dependency] = version;
    }
    // The Redis apps need no Nest; every app gets what it would install, and what that depends on.
    const wanted =
      folder === 'ioredis' ? ['@waygate/core', '@waygate/redis'] : ['@waygate/core', '@waygate/nestjs', '@waygate/admin'];
    for (const dependency of wanted) manifest.dependencies[dependency] = `file:${tarballs[dependency]}`;
    writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, null, 2));
    exec('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], target);
  });
  if (!installed) continue;
  for (const [command, ...args] of steps.map((step) => step.split(' ')))
    check(`${name}: ${command} ${args.join(' ')}`, () => exec(command, args, target));
}

rmSync(work, { recursive: true, force: true });
const failed = results.filter((result) => !result.passed).length;
mkdirSync(join(root, 'test', 'artifacts'), { recursive: true });
writeFileSync(
  join(root, 'test', 'artifacts', 'packages.json'),
  JSON.stringify({ numPassedTests: results.length - failed, numFailedTests: failed, results }, null, 2),
);
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
