// Runs every test from a bare clone: installs what is missing, builds, runs unit, end-to-end, and package tests, and builds the docs as a site.
// `npm test -- tests|packages|docs` runs one of these suites, and passes further arguments on to it.
// Ends with a line `N passed, N failed`.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireNativePackages } from './native-packages.mjs';
import { build, install, ROOT, run } from './steps.mjs';
import { requireSystemPackages } from './system-packages.mjs';

const suites = [
  { name: 'tests', command: ['node_modules/vitest/vitest.mjs', 'run'], report: 'test/artifacts/vitest.json' },
  { name: 'packages', command: ['test/packages/run.mjs'], report: 'test/artifacts/packages.json' },
  { name: 'docs', command: ['scripts/site.mjs'], report: 'test/artifacts/site.json' },
];
const [only, ...args] = process.argv.slice(2);
const selected = suites.filter(({ name }) => only === undefined || name === only);
if (selected.length === 0) {
  console.error(`There is no suite "${only}". Suites: ${suites.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

install();
if (selected.some(({ name }) => name === 'tests')) {
  requireSystemPackages();
  requireNativePackages();
}
build();

const totals = { passed: 0, failed: 0 };
for (const { name, command, report } of selected) {
  const path = join(ROOT, report);
  rmSync(path, { force: true });
  console.log(`\n── ${name} ──`);
  const succeeded = run(process.execPath, [...command, ...args]);
  const { passed, failed } = read(path);
  totals.passed += passed;
  totals.failed += failed;
  // A suite that broke without naming a failed test still failed.
  if (!succeeded && failed === 0) totals.failed++;
  if (succeeded && passed === 0) totals.failed++;
}

console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

function read(path) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
