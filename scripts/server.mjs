// From a bare clone to a running server: install, build, start with the flags given.
import { spawn } from 'node:child_process';
import { build, install, ROOT } from './steps.mjs';

install();
build();
const args = ['apps/server/dist/main.js', ...process.argv.slice(2)];
const server = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 0) : 0));
