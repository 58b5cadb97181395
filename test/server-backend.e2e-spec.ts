import { MemoryBackend } from '@waygate/core';
import { backendContract } from '@waygate/core/testing';
import { WaygateServerBackend } from '@waygate/client/backend';
import { afterEach, describe, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from './support/admin-app.js';
import { SEVERAL_PROCESSES } from './support/patience.mjs';

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
});
