import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pathKey } from '../support/admin-app.js';
import { freePort } from '../support/free-port.js';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { ServerProcess } from '../support/server-process.js';

const MAIN = resolve('examples/express-without-nest/dist/main.js');

describe('the example without Nest, on a server', () => {
  let server: ServerProcess;
  let example: ChildProcess;
  let headers: Record<string, string>;
  const ports = { express: 0, fastify: 0 };
  const status = async (port: number, path: string, init?: RequestInit) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, init)).status;
  const change = (key: string, action: string) =>
    server.call('POST', `/api/routes/${pathKey(key)}/${action}`, { reason: 'from afar' }, headers);

  beforeAll(async () => {
    server = await ServerProcess.start();
    headers = await server.signIn();
    const made = await server.call('POST', '/api/tokens', { name: 'examples', role: 'operator' }, headers);
    const { token } = made.json as { token: string };
    ports.express = await freePort();
    ports.fastify = await freePort();
    const env = {
      PORT: String(ports.express),
      FASTIFY_PORT: String(ports.fastify),
      WAYGATE_SERVER_URL: server.url,
      WAYGATE_TOKEN: token,
    };
    example = spawn(process.execPath, [MAIN], { env: { ...process.env, ...env } });
    let said = '';
    for (const output of [example.stdout, example.stderr]) output?.on('data', (data: Buffer) => (said += data.toString()));
    await vi.waitUntil(() => said.includes('Fastify at'), LONG_PATIENCE);
  });

  afterAll(async () => {
    const ended = new Promise((done) => example.once('exit', done));
    example.kill('SIGTERM');
    await ended;
    await server.kill9();
  });

  it('registers the routes of both apps', async () => {
    const { json } = await server.call('GET', '/api/routes', undefined, headers);
    expect((json as { path: string }[]).map(({ path }) => path).toSorted()).toEqual([
      'express-example:GET:/payments',
      'express-example:GET:/reports',
      'fastify-example:GET:/payments/:id',
      'fastify-example:GET:/reports',
    ]);
  });

  it.each([
    ['express', 'express-example:GET:/payments', '/payments'],
    ['fastify', 'fastify-example:GET:/payments/:id', '/payments/1'],
  ] as const)('blocks a route of %s while it is disabled, HEAD and other spellings too', async (app, key, path) => {
    expect(await status(ports[app], path)).toBe(200);
    expect((await change(key, 'disable')).status).toBe(200);
    await expect.poll(() => status(ports[app], path)).toBe(503);
    expect(await status(ports[app], path, { method: 'HEAD' })).toBe(503);
    // Whether the framework takes this for the same path is its own affair; an answer it is not.
    expect([404, 503]).toContain(await status(ports[app], path.replace('p', '%70')));
    await change(key, 'enable');
    await expect.poll(() => status(ports[app], path)).toBe(200);
  });

  it.each(['express', 'fastify'] as const)('limits what is declared limited in %s', async (app) => {
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await status(ports[app], '/reports'));
    expect(answers).toEqual([200, 200, 429]);
  });

  it('answers unknown paths as the app does', async () => {
    expect([await status(ports.express, '/unknown'), await status(ports.fastify, '/unknown')]).toEqual([404, 404]);
  });
});
