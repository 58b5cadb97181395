// Every test, from a bare clone: installs what is missing, builds, and runs unit, end-to-end and package tests, and builds the
// docs as a site.
// Ends with a line `N passed, N failed`.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireNativePackages } from './native-packages.mjs';
import { build, install, ROOT, run } from './steps.mjs';
import { requireSystemPackages } from './system-packages.mjs';

install();
requireSystemPackages();
requireNativePackages();
build();

const totals = { passed: 0, failed: 0 };
const suites = [
  { name: 'unit and end-to-end', command: ['node_modules/vitest/vitest.mjs', 'run'], report: 'test/artifacts/vitest.json' },
  { name: 'packages', command: ['test/packages/run.mjs'], report: 'test/artifacts/packages.json' },
  { name: 'docs site', command: ['scripts/site.mjs'], report: 'test/artifacts/site.json' },
];
for (const { name, command, report } of suites) {
  const path = join(ROOT, report);
  rmSync(path, { force: true });
  console.log(`\n── ${name} ──`);
  const succeeded = run(process.execPath, command);
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
