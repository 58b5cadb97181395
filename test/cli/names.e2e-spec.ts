import { describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { useCli } from '../support/cli-on-server.js';
import type { CliUnderTest } from '../support/cli.js';

const ROUTES = ['payments-service:GET:/api/refunds', 'orders-service:GET:/api/refunds', 'orders-service:GET:/api/orders'];

/** `[command line, what standard error has]`. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['sm enable payment-service --wait', "Service 'payment-service' is not registered. Did you mean 'payments-service'?"],
  ['srl set nope 5/minute', "Service 'nope' is not registered."],
  ['status -s order-service', "Service 'order-service' is not registered. Did you mean 'orders-service'?"],
  ['global exempt-add /api/order', "Exempt route '/api/order' matches no registered route. Did you mean '/api/orders'?"],
  ['global enable -e /api/*', "Exempt route '/api/*' matches no registered route. Patterns are not supported"],
  ['sm enable payments-service -e /api/orders', "Exempt route '/api/orders' matches no registered route."],
  ['grl set 5/minute -e /helth', "Exempt route '/helth' matches no registered route."],
  ['rl delete GET:/api/ordrs', "Route 'GET:/api/ordrs' is not registered."],
  ['rl reset GET:/api/ordrs', "Did you mean 'GET:/api/orders'?"],
  ['rl set GET:/api/refunds 1/minute', 'payments-service:GET:/api/refunds'],
  ['rl set GET:/api/refunds 1/minute', 'orders-service:GET:/api/refunds'],
  ['disable GET:/api/refunds', 'orders-service:GET:/api/refunds, payments-service:GET:/api/refunds'],
];

describe('The CLI on a server with two services', () => {
  let server: AdminApp;
  let cli: CliUnderTest;
  useCli(
    () => startAdmin('express'),
    (both) => {
      ({ server, cli } = both);
      return server.engine.routes.register(ROUTES.map((key) => ({ key, declaration: {} })));
    },
  );

  it.each(REFUSED)('refuses "%s" with "%s" and changes nothing', async (line, text) => {
    const before = await server.engine.audit.list();
    const { code, stdout, stderr } = await cli.line(line);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(text);
    expect(await server.engine.audit.list()).toEqual(before);
  });

  it('changes the limit of only the service that WAYGATE_SERVICE names', async () => {
    const env = { WAYGATE_SERVICE: 'payments-service' };
    const { code, stdout } = await cli.line('rl set GET:/api/refunds 1/minute', { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('payments-service:/api/refunds') });
    expect(server.engine.sync.rateLimits.list().map(({ key }) => key)).toEqual(['payments-service:GET:/api/refunds']);
    expect((await cli.line('rl list --json', { env: { WAYGATE_SERVICE: 'orders-service' } })).stdout).toBe('[]\n');
  });

  it('resolves a path without a service to the only service that has it', async () => {
    const { code, stdout } = await cli.line('disable GET:/api/orders');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '✗ orders-service:GET:/api/orders → DISABLED\n' });
  });

  it('accepts a service that has not registered yet with --create', async () => {
    expect((await cli.line('srl set future 5/minute --create')).code).toBe(0);
    expect((await cli.line('srl delete future')).code).toBe(0);
  });

  it('answers clients that do not ask for strictness with warnings', async () => {
    const headers = await server.signIn();
    const answer = await server.call('POST', '/api/services/later/maintenance/enable', { exempt_paths: [] }, headers);
    expect(answer).toMatchObject({ status: 200, json: { enabled: true, warnings: ["Service 'later' is not registered."] } });
    const strict = { ...headers, prefer: 'handling=strict' };
    expect(await server.call('POST', '/api/services/latr/maintenance/enable', {}, strict)).toMatchObject({ status: 404 });
  });
});
