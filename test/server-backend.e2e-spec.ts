import { MemoryBackend } from '@waygate/core';
import { backendContract } from '@waygate/core/testing';
import { WaygateServerBackend } from '@waygate/client/backend';
import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from './support/admin-app.js';
import { SEVERAL_PROCESSES } from './support/patience.mjs';
import { TcpProxy } from './support/tcp-proxy.js';

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
});
