import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = process.cwd();

it('docs/cli.md says what the definitions of the commands say', () => {
  const generated = execFileSync(process.execPath, [join(ROOT, 'scripts', 'cli-docs.mjs'), '--print'], { encoding: 'utf8' });
  expect(readFileSync(join(ROOT, 'docs', 'cli.md'), 'utf8'), 'run: node scripts/cli-docs.mjs').toBe(generated);
});
