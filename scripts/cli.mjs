// The command line of this clone: `npm run cli -- status`. It is built where it is not there yet.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, mustRun, ROOT } from './steps.mjs';

const program = join(ROOT, 'apps', 'cli', 'dist', 'waygate.cjs');
if (!existsSync(program)) mustRun(process.execPath, [join(ROOT, 'apps', 'cli', 'build.mjs')]);
process.exitCode = exitCode(process.execPath, [program, ...process.argv.slice(2)], { cwd: process.cwd(), shell: false });
