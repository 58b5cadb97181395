import { describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import type { CliUnderTest } from '../support/cli.js';
import { PaymentsController, useCli } from '../support/cli-on-server.js';

/** Each line is a process. */
const MANY_LINES = { timeout: 120_000 };

describe('What the CLI says applies', () => {
  let server: AdminApp;
  let cli: CliUnderTest;
  useCli(
    () => startAdmin('express', { controllers: [PaymentsController] }),
    (both) => ({ server, cli } = both),
  );

  it('is maintenance for every route, with a banner, while everything is in maintenance', MANY_LINES, async () => {
    await server.engine.maintenance.enable({ reason: 'database upgrade', exempt: ['/health'], actor: 'alice' });
    const { stdout } = await cli.line('status');
    expect(stdout).toMatch(
      /^! EVERYTHING IS IN MAINTENANCE: database upgrade\n {2}since \d{4}-.* · until it is ended · by alice · exempt: \/health and force-active routes\n/,
    );
    expect(stdout).toMatch(/\nGET:\/payments +- +MAINTENANCE \(global\) +database upgrade /);
    expect(stdout).not.toContain('ACTIVE');
    const routes = JSON.parse((await cli.line('status --json')).stdout) as object[];
    expect(routes).toMatchObject([
      { path: 'GET:/payments', status: 'active', effective: { status: 'maintenance', blocked_by: 'global' } },
      { path: 'POST:/payments', effective: { status: 'maintenance', blocked_by: 'global' } },
    ]);
    expect((await cli.line('doctor')).stdout).toContain('! maintenance: everything is in maintenance (database upgrade)\n');
    expect((await cli.line('enable GET:/payments')).stdout).toBe(
      '✓ GET:/payments → ACTIVE\n  Requests still get 503: everything is in maintenance.\n',
    );
    await server.engine.maintenance.disable();
    expect((await cli.line('status')).stdout).toMatch(/^Route +/);
  });

  it('is active for a route whose maintenance is scheduled', MANY_LINES, async () => {
    expect((await cli.line('maintenance GET:/payments --start 2031-01-01 --end 2031-01-01T02:00')).stdout).toBe(
      '⏰ GET:/payments: maintenance scheduled, ACTIVE until then\n  Window: 2031-01-01 00:00 UTC – 2031-01-01 02:00 UTC\n',
    );
    expect((await cli.line('status GET:/payments')).stdout).toMatch(/ACTIVE +- +- +maintenance 2031-01-01 00:00 UTC\n/);
  });
});
