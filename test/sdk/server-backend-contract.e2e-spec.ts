import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryBackend } from '@waygate/core';
import { backendContract } from '@waygate/core/testing';
import { WaygateServerBackend } from '@waygate/client/backend';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { SEVERAL_PROCESSES } from '../support/patience.mjs';
import { TcpProxy } from '../support/tcp-proxy.js';

let server: AdminApp | undefined;
afterEach(async () => {
  await server?.app.close();
  server = undefined;
});

describe('a server as the backend of another process', SEVERAL_PROCESSES, () => {
  it.each(backendContract)('$name', ({ run }) =>
    run(async () => {
      server = await startAdmin('express', { admin: { path: '' }, waygate: { backend: new MemoryBackend() }, controllers: [] });
      return new WaygateServerBackend({ url: server.url, ...ADMIN });
    }),
  );

  it('does not say that nothing was changed where the answer was lost', async () => {
    server = await startAdmin('express', { admin: { path: '' }, waygate: { backend: new MemoryBackend() }, controllers: [] });
    const proxy = await TcpProxy.start(Number(new URL(server.url).port));
    const backend = new WaygateServerBackend({ url: `http://127.0.0.1:${proxy.port}`, ...ADMIN });
    const enabled = (await server.engine.maintenance.forService('shop').enable({ reason: 'known' })).revision;
    const { revision: expected, value } = (await backend.load()).records[0] ?? { revision: 0, value: null };
    expect(expected).toBe(enabled);
    const change = (reason: string) =>
      backend.commit({
        writes: [{ kind: 'maintenance', key: 'shop', expected, value: { ...value, reason } as never }],
        audit: [],
      });
    try {
      proxy.answersToSwallow = 1;
      await expect(change('in doubt')).rejects.toMatchObject({
        name: 'BackendUnavailableError',
        message: expect.stringMatching(/^It is unknown whether the change was made/) as string,
        mayHaveChanged: true,
      });
      await expect.poll(() => server?.engine.maintenance.forService('shop').read().reason).toBe('in doubt');
      proxy.isDown = true;
      proxy.cut();
      await proxy.stop();
      await expect(change('never')).rejects.toMatchObject({ name: 'BackendUnavailableError', mayHaveChanged: false });
    } finally {
      await backend.close();
      await proxy.stop().catch(() => undefined);
    }
  });

  describe('behind a proxy', () => {
    /** Passes requests on to `server`, unless it is down or answers by itself. */
    class Front {
      readonly calls: string[] = [];
      /** Nothing is passed on: each answer is 502. */
      isDown = false;
      /** Requests are passed on, and each answer is 503. */
      losesAnswers = false;
      readonly #server = createServer((request, response) => {
        const { method = '', url = '/', headers } = request;
        this.calls.push(`${method} ${url.split('?')[0]}`);
        if (this.isDown) return void response.writeHead(502).end('Bad Gateway');
        const onward = forward(new URL(url, server?.url), { method, headers }, (answer) => {
          if (this.losesAnswers) return void answer.resume().on('end', () => response.writeHead(503).end('reset before headers'));
          answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
        });
        onward.on('error', () => response.destroy());
        response.on('close', () => onward.destroy());
        request.pipe(onward);
      });

      async start(): Promise<string> {
        await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
      }

      cut(): void {
        this.#server.closeAllConnections();
      }

      stop(): void {
        this.#server.close();
        this.cut();
      }
    }

    let front: Front;
    let backend: WaygateServerBackend;
    const unavailable = (mayHaveChanged: boolean) => ({ name: 'BackendUnavailableError', mayHaveChanged });
    const enable = () => {
      const value = server?.engine.replication.snapshot.get('maintenance', 'other')?.value ?? null;
      return backend.commit({ writes: [{ kind: 'maintenance', key: 'shop', expected: 0, value }], audit: [] });
    };

    beforeEach(async () => {
      server = await startAdmin('express', { admin: { path: '' }, waygate: { backend: new MemoryBackend() }, controllers: [] });
      await server.engine.maintenance.forService('other').enable({ reason: 'known' });
      front = new Front();
      backend = new WaygateServerBackend({ url: await front.start(), ...ADMIN, reconnectDelay: 50 });
    });

    afterEach(async () => {
      await backend.close();
      front.stop();
    });

    it('says that nothing was changed where the stream is lost: nothing is sent then', async () => {
      const { revision } = await backend.load();
      const reasons: string[] = [];
      const stop = backend.watch(
        revision,
        () => undefined,
        (reason) => reasons.push(reason),
      );
      await expect.poll(() => front.calls).toContain('GET /api/sdk/records/changes');
      front.isDown = true;
      front.cut();
      await expect.poll(() => reasons).toContain('HTTP 502');
      await expect(enable()).rejects.toMatchObject(unavailable(false));
      expect(front.calls).not.toContain('POST /api/sdk/commit');
      stop();
    });

    it('says that nothing was changed where it could not sign in', async () => {
      front.isDown = true;
      await expect(enable()).rejects.toMatchObject(unavailable(false));
      expect(front.calls).toEqual(['POST /api/auth/login']);
    });

    it('does not say so where the proxy answers 503 for a server that had the request', async () => {
      await backend.load();
      front.losesAnswers = true;
      await expect(enable()).rejects.toMatchObject(unavailable(true));
      expect(server?.engine.maintenance.forService('shop').read().enabled).toBe(true);
    });
  });
});
