// Builds on every change and restarts the demo.
import { spawn } from 'node:child_process';
import { build, install, ROOT } from './steps.mjs';

install();
build();
const children = [
  spawn(process.execPath, ['--watch-path=libs/admin/browser', 'libs/admin/browser/build.mjs'], { cwd: ROOT, stdio: 'inherit' }),
  spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-b', '-w', '--preserveWatchOutput', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  }),
  spawn(process.execPath, ['--watch', '--watch-path=apps/demo/dist', '--watch-path=libs', 'apps/demo/dist/main.js'], {
    cwd: ROOT,
    stdio: 'inherit',
  }),
];
const stop = () => children.forEach((child) => child.kill());
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
for (const child of children) child.on('exit', stop);
