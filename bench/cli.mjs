// The CLI as whole processes: `node -e 0` is what Node itself takes. The server runs in this process, which only waits meanwhile.
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateAdminModule } from '@waygate/admin';
import { MemoryBackend, WaygateModule } from '@waygate/nestjs';
import { compare } from './harness.mjs';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'apps', 'cli', 'dist', 'waygate.cjs');
const home = mkdtempSync(join(tmpdir(), 'waygate-bench-'));

/** Thirty routes, without decorators: this file is not compiled. */
class Routes {}
Controller()(Routes);
for (let index = 0; index < 30; index += 1) {
  const name = `route${index}`;
  Object.defineProperty(Routes.prototype, name, { value: () => ({ ok: true }), configurable: true });
  Get(name)(Routes.prototype, name, Object.getOwnPropertyDescriptor(Routes.prototype, name));
}

class App {}
Module({
  imports: [
    WaygateModule.forRoot({ backend: new MemoryBackend() }),
    WaygateAdminModule.forRoot({ auth: { username: 'admin', password: 'secret' } }),
  ],
  controllers: [Routes],
})(App);

const app = await NestFactory.create(App, { logger: false });
await app.listen(0, '127.0.0.1');
const url = `http://127.0.0.1:${app.getHttpServer().address().port}/waygate`;
const env = { ...process.env, HOME: home, WAYGATE_SERVER_URL: url };

/** @returns milliseconds from the start of a process to its end */
function run(...args) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.resume();
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(performance.now() - started) : reject(new Error(`${args.join(' ')} ended with ${code}`)),
    );
  });
}

await run(program, 'login', 'admin', '--password', 'secret');
await compare(
  'cli',
  {
    'node -e 0': () => run('-e', '0'),
    'waygate --version': () => run(program, '--version'),
    'waygate --help': () => run(program, '--help'),
    'waygate status': () => run(program, 'status'),
  },
  { rounds: 41, unit: 'ms' },
);

await app.close();
rmSync(home, { recursive: true });
