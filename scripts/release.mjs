// Releases all packages under one version. `release.mjs version minor` raises the version and dates the changelog.
// `release.mjs publish` builds, publishes, and tags. With `--dry-run` it lists what it would publish; other flags go to `npm publish`.
// See docs/releasing.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, mustRun, ROOT } from './steps.mjs';

const CHANGELOG = join(ROOT, 'CHANGELOG.md');
const UNRELEASED = '## Unreleased';
const LEVELS = ['major', 'minor', 'patch'];

const [step, ...args] = process.argv.slice(2);
if (step === 'version' && LEVELS.includes(args[0])) raiseVersion(args[0]);
else if (step === 'publish') publish(args);
else fail('Usage: release.mjs version major|minor|patch | release.mjs publish [--dry-run]');

function raiseVersion(level) {
  if (!hasUnreleasedChanges())
    fail('CHANGELOG.md lists no changes under "Unreleased". Describe what this release changes there.');
  const released = next(commonVersion(), level);
  for (const { path, manifest } of packages()) {
    if (manifest.private !== true) manifest.version = released;
    for (const kind of ['dependencies', 'devDependencies'])
      for (const name of Object.keys(manifest[kind] ?? {})) if (name.startsWith('@waygate/')) manifest[kind][name] = released;
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  mustRun('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error']);
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(CHANGELOG, changelog().replace(UNRELEASED, `${UNRELEASED}\n\n## ${released} - ${today}`));
  console.log(`\nVersion ${released}. Review and commit the changes. After they are merged, run: npm run release:publish`);
}

function next(version, level) {
  const position = LEVELS.indexOf(level);
  const raise = (number, index) => (index < position ? number : index === position ? number + 1 : 0);
  return version.split('.').map(Number).map(raise).join('.');
}

function publish(flags) {
  const released = commonVersion();
  if (hasUnreleasedChanges())
    fail('CHANGELOG.md lists changes under "Unreleased". Give them a version first: npm run release:version -- minor');
  if (flags.includes('--dry-run')) return listPackages(released);
  if (execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' }) !== '')
    fail('There are uncommitted changes. Commit or stash them first.');
  build();
  // A run that failed halfway can be repeated: packages that the registry already has are skipped.
  for (const { name } of inDependencyOrder())
    if (isPublished(name, released)) console.log(`${name}@${released} is already published`);
    else mustRun('npm', ['publish', '--workspace', name, ...flags]);
  mustRun('git', ['tag', `v${released}`]);
  console.log(`\nPublished ${released}. Push the tag: git push origin v${released}`);
}

function listPackages(released) {
  for (const { name } of inDependencyOrder()) {
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--workspace', name], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ size, entryCount }] = JSON.parse(output);
    console.log(`would publish ${name}@${released}: ${entryCount} files, ${Math.ceil(size / 1024)} KiB`);
  }
}

function isPublished(name, version) {
  const { stdout } = spawnSync('npm', ['view', `${name}@${version}`, 'version'], { cwd: ROOT, encoding: 'utf8' });
  return stdout.trim() === version;
}

/** Public packages, each after the ones it depends on, so that no package can be installed before its dependencies. */
function inDependencyOrder() {
  const all = new Map(publicPackages().map(({ manifest }) => [manifest.name, manifest]));
  const ordered = new Set();
  const add = (manifest) => {
    for (const name of Object.keys(manifest.dependencies ?? {})) if (all.has(name)) add(all.get(name));
    ordered.add(manifest);
  };
  for (const manifest of all.values()) add(manifest);
  return [...ordered];
}

/** Every published package has the same version, so that users do not have to find out which versions fit together. */
function commonVersion() {
  const versions = new Set(publicPackages().map(({ manifest }) => manifest.version));
  const [only] = versions;
  if (only === undefined || versions.size > 1) fail(`The packages have different versions: ${[...versions].join(', ')}`);
  return only;
}

function hasUnreleasedChanges() {
  if (!changelog().includes(UNRELEASED)) fail(`CHANGELOG.md has no heading "${UNRELEASED}". Add it above the latest version.`);
  return changelog().includes(`${UNRELEASED}\n\n###`);
}

function changelog() {
  return readFileSync(CHANGELOG, 'utf8');
}

function publicPackages() {
  return packages().filter(({ manifest }) => manifest.private !== true);
}

function packages() {
  return ['libs', 'apps', 'examples'].flatMap((group) =>
    readdirSync(join(ROOT, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => {
        const path = join(ROOT, group, name, 'package.json');
        return { path, manifest: JSON.parse(readFileSync(path, 'utf8')) };
      }),
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
