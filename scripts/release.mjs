// Makes a release, in two steps. `release.mjs version` turns the changesets into versions and changelogs; `release.mjs publish` builds and
// publishes what the registry does not have yet, and with `--dry-run` says what it would publish. See docs/releasing.md.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, mustRun, ROOT } from './steps.mjs';

const CHANGESET = join(ROOT, 'node_modules', '@changesets', 'cli', 'bin.js');
const UNRELEASED = '## Unreleased';

const [step, ...flags] = process.argv.slice(2);
if (step === 'version') version();
else if (step === 'publish') publish(flags.includes('--dry-run'));
else fail('Usage: release.mjs version | publish [--dry-run]');

function version() {
  mustRun(process.execPath, [CHANGESET, 'version']);
  const released = commonVersion();
  alignPrivatePackages(released);
  mustRun('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error']);
  dateChangelog(released);
  console.log(`\nVersion ${released}. Look at the changes, commit them, and when they have landed: npm run release:publish`);
}

function publish(dryRun) {
  const released = commonVersion();
  if (changesets().length > 0) fail('There are changesets that belong to no version yet: npm run release:version');
  if (readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').includes(`${UNRELEASED}\n\n###`))
    fail('CHANGELOG.md has changes that belong to no version yet: npm run release:version');
  if (dryRun) {
    for (const { folder, manifest } of publicPackages()) {
      const [{ size, entryCount }] = JSON.parse(
        execFileSync('npm', ['pack', '--dry-run', '--json'], {
          cwd: join(ROOT, folder),
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      );
      console.log(`would publish ${manifest.name}@${released}: ${entryCount} files, ${Math.ceil(size / 1024)} KiB`);
    }
    return;
  }
  if (execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' }) !== '')
    fail('There are uncommitted changes.');
  build();
  mustRun(process.execPath, [CHANGESET, 'publish']);
  console.log('\nPublished. Push the tags: git push --follow-tags');
}

/** All packages that are published carry one version, so that nobody has to know which ones fit together. */
function commonVersion() {
  const versions = new Set(publicPackages().map(({ manifest }) => manifest.version));
  const [only] = versions;
  if (only === undefined || versions.size > 1) fail(`The packages have different versions: ${[...versions].join(', ')}`);
  return only;
}

/** Apps and examples are not published, and use the packages as they are here. */
function alignPrivatePackages(released) {
  for (const { path, manifest } of packages()) {
    if (manifest.private !== true) continue;
    for (const kind of ['dependencies', 'devDependencies'])
      for (const name of Object.keys(manifest[kind] ?? {})) if (name.startsWith('@waygate/')) manifest[kind][name] = released;
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

/** What stood under `Unreleased` gets the version and today's date. */
function dateChangelog(released) {
  const path = join(ROOT, 'CHANGELOG.md');
  const text = readFileSync(path, 'utf8');
  if (!text.includes(UNRELEASED)) fail(`CHANGELOG.md has no '${UNRELEASED}'`);
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(path, text.replace(UNRELEASED, `${UNRELEASED}\n\n## ${released} - ${today}`));
}

function publicPackages() {
  return packages().filter(({ manifest }) => manifest.private !== true);
}

function packages() {
  return ['libs', 'apps', 'examples'].flatMap((group) =>
    readdirSync(join(ROOT, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => {
        const folder = join(group, name);
        const path = join(ROOT, folder, 'package.json');
        return { folder, path, manifest: JSON.parse(readFileSync(path, 'utf8')) };
      }),
  );
}

function changesets() {
  return readdirSync(join(ROOT, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
