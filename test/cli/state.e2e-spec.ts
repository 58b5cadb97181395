import { expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { useCli } from '../support/cli-on-server.js';
import type { CliUnderTest } from '../support/cli.js';

let server: AdminApp;
let cli: CliUnderTest;
useCli(
  () => startAdmin('express'),
  (both) => ({ server, cli } = both),
);

it('accepts the store as it is, and says at which revision', async () => {
  const { code, stdout } = await cli.run(['state', 'accept', '--reason', 'restored a backup']);
  expect([code, stdout]).toEqual([0, `✓ Store accepted at revision ${server.engine.revision}. Every process adopts it.\n`]);
  const { items } = await server.engine.audit.list({ action: 'state_accepted' });
  expect(items).toMatchObject([{ actor: 'admin', platform: 'cli', reason: 'restored a backup' }]);
});

it('shows that in the audit log', async () => {
  const { code, stdout } = await cli.run(['log']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('state_accepted')]);
});
