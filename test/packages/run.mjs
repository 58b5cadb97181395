// Packs every library, has the tarballs judged by publint and Are The Types Wrong, installs them into empty apps outside the repository, and
// boots these on both ends of every peer range: Nest 12 as ES modules, Nest 11 as CommonJS, the latest Nest 11 also under Jest 29 and 30, vitest, swc,
// webpack, and esbuild, ioredis 5 and 6.
// `--nest 11` leaves out the apps on other majors of Nest. Writes test/artifacts/packages.json and fails when one fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'waygate-packages-'));
const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const bin = (name) => join(root, 'node_modules', '.bin', name);
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

const REQUIRED = ['package.json', 'README.md', 'LICENSE'];
const REQUIRED_OF_LIBRARIES = ['dist/index.js', 'dist/index.d.ts', 'dist/index.js.map'];
/**
 * Packed, in bytes. A package that grows past it should have a reason: the admin contains htmx and uPlot, which apps used to install, and
 * checks of names, bulk bodies, and the state of the store.
 */
const LARGEST = 820_000;

const tarballs = {};
/** The ranges of all peer dependencies; packages that name the same peer name the same range. */
const peers = {};
/** Dependencies of each package on others of this repository. */
const internal = {};
for (const folder of [...packagesIn('libs'), ...packagesIn('apps')]) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  if (manifest.private === true) continue;
  const { name } = manifest;
  const isLibrary = manifest.types !== undefined;
  internal[name] = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith('@waygate/'));
  check(`${name} packs what it needs and nothing else`, () => {
    const [{ filename, files, size }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', work], {
        cwd: join(root, folder),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const paths = files.map(({ path }) => path);
    const programs = Object.values(manifest.bin ?? {});
    const required = [...REQUIRED, ...programs, ...(isLibrary ? REQUIRED_OF_LIBRARIES : [])];
    const missing = required.filter((path) => !paths.includes(path));
    if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
    const stray = paths.filter((path) => /\.spec\.|tsbuildinfo|\.d\.ts\.map$|^src\//.test(path));
    if (stray.length > 0) throw new Error(`stray files: ${stray.join(', ')}`);
    if (size > LARGEST) throw new Error(`${size} bytes, more than ${LARGEST}`);
    tarballs[name] = join(work, filename);
  });
  check(`${name} says where it comes from and what it runs on`, () => {
    for (const field of ['description', 'keywords', 'license', 'author', 'homepage', 'bugs', 'engines'])
      if (manifest[field] === undefined) throw new Error(`${field} is missing`);
    if (isLibrary && manifest.sideEffects !== false) throw new Error('sideEffects is not false: bundlers keep all of it');
    const { repository, publishConfig, engines } = manifest;
    if (repository?.directory !== folder) throw new Error(`repository.directory is not ${folder}`);
    if (publishConfig?.provenance !== true || publishConfig.access !== 'public') throw new Error('publishConfig is not ready');
    if (engines.node !== rootManifest.engines.node) throw new Error('engines.node is not that of the repository');
    for (const [peer, range] of Object.entries(manifest.peerDependencies ?? {})) {
      if ((peers[peer] ??= range) !== range) throw new Error(`${peer} is ${range} here and ${peers[peer]} elsewhere`);
    }
  });
  if (tarballs[name] === undefined) continue;
  check(`${name} is clean by publint`, () => exec(bin('publint'), ['run', tarballs[name], '--strict'], root));
  if (isLibrary)
    check(`${name} is typed for every module resolution`, () =>
      exec(bin('attw'), [tarballs[name], '--profile', manifest.type === 'module' ? 'esm-only' : 'strict'], root),
    );
}

function packagesIn(group) {
  return readdirSync(join(root, group)).map((name) => `${group}/${name}`);
}

/** Packages of this repository with those they depend on. */
function withDependencies(names) {
  const all = new Set(names);
  for (const name of all) for (const dependency of internal[name]) all.add(dependency);
  return all;
}

/** The lowest version that a range takes in its alternative for `major`, or in its first one. */
function lowest(range, major) {
  const alternatives = range.split('||').map((text) => text.trim().replace(/^\^/, ''));
  return alternatives.find((version) => major === undefined || version.startsWith(`${major}.`)) ?? alternatives[0];
}

/** What Nest's own packages, which come out together, are installed as. */
function nestVersions(version) {
  const names = ['common', 'core', 'platform-express', 'platform-fastify', 'swagger', 'testing'];
  return Object.fromEntries(names.map((name) => [`@nestjs/${name}`, version]));
}

const nest = peers['@nestjs/core'];
const lowestOthers = { rxjs: lowest(peers.rxjs), 'reflect-metadata': lowest(peers['reflect-metadata']) };
const inNest12 = ['npx tsc', 'node dist/main.js express', 'node dist/main.js fastify'];
const inNest11 = ['npx tsc', 'node dist/main.js'];
const inNest = ['@waygate/nestjs', '@waygate/admin'];
const fixtures = [
  { name: 'Nest 12, ES modules', folder: 'nest12-esm', packages: inNest, versions: nestVersions('12'), steps: inNest12 },
  {
    name: `Nest ${lowest(nest, 12)}, ES modules`,
    folder: 'nest12-esm',
    packages: inNest,
    versions: { ...nestVersions(lowest(nest, 12)), ...lowestOthers },
    steps: inNest12,
  },
  {
    name: 'Nest 11, CommonJS',
    folder: 'nest11-cjs',
    packages: inNest,
    versions: nestVersions('11'),
    steps: [...inNest11, 'npx jest'],
  },
  {
    name: `Nest ${lowest(nest)}, CommonJS`,
    folder: 'nest11-cjs',
    packages: inNest,
    versions: { ...nestVersions(lowest(nest)), ...lowestOthers },
    steps: inNest11,
  },
  {
    name: 'Nest 11, test runners and bundlers',
    folder: 'nest11-tools',
    packages: inNest,
    versions: nestVersions('11'),
    steps: [
      'npx jest',
      'npx jest --config jest-swc.json',
      'npx vitest run',
      'npx nest build --builder swc',
      'node dist/main.js',
      'node bundle.mjs esbuild',
      'node bundle.mjs webpack',
      'npx nest build --webpack',
      'node dist/main.js',
    ],
  },
  ...['5', lowest(peers.ioredis), '6'].map((version) => ({
    name: `ioredis ${version}`,
    folder: 'ioredis',
    packages: ['@waygate/redis'],
    versions: { ioredis: version },
    steps: ['node main.js'],
  })),
  {
    name: 'the command line',
    folder: 'cli',
    packages: ['@waygate/cli', '@waygate/client', '@waygate/admin', '@waygate/nestjs'],
    versions: nestVersions('12'),
    steps: ['node main.js'],
  },
  { name: 'the server', folder: 'server', packages: ['@waygate/server'], versions: {}, steps: ['node main.js'] },
];
const { nest: onlyNest } = parseArgs({ options: { nest: { type: 'string' } } }).values;
/** Apps without Nest run with every major. */
const isSelected = ({ versions }) => onlyNest === undefined || (versions['@nestjs/core'] ?? onlyNest).split('.')[0] === onlyNest;
if (onlyNest !== undefined && !fixtures.some(({ versions }) => versions['@nestjs/core']?.split('.')[0] === onlyNest))
  throw new Error(`No app runs on Nest ${onlyNest}`);
for (const { name, folder, packages, versions, steps } of fixtures.filter(isSelected)) {
  const target = mkdtempSync(join(work, `${folder}-`));
  cpSync(join(here, 'fixtures', folder), target, { recursive: true });
  const installed = check(`${name}: installs`, () => {
    const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(manifest.dependencies))
      manifest.dependencies[dependency] = versions[dependency] ?? manifest.dependencies[dependency];
    // What the app asks for, and what that depends on.
    for (const dependency of withDependencies(packages)) manifest.dependencies[dependency] = `file:${tarballs[dependency]}`;
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
