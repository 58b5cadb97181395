// From a bare clone to a running demo: install, build, start.
import { spawn } from 'node:child_process';
import { build, install, ROOT } from './steps.mjs';

install();
build();
const demo = spawn(process.execPath, ['apps/demo/dist/main.js'], { cwd: ROOT, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal));
demo.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 0) : 0));
