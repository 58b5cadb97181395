import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathKey } from '../support/admin-app.js';
import { LONG_PATIENCE, SEVERAL_PROCESSES } from '../support/patience.mjs';
import { SdkProcess } from '../support/sdk-process.js';
import { ServerProcess } from '../support/server-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const SERVICES = ['shop', 'payments', 'orders'];
const ACCOUNT = { username: 'admin', password: 'correct horse' };

describe('three services of two replicas each on one server', SEVERAL_PROCESSES, () => {
  const folder = mkdtempSync(join(tmpdir(), 'waygate-fleet-'));
  let server: ServerProcess;
  let proxy: TcpProxy;
  let replicas: SdkProcess[] = [];
  let headers: Record<string, string>;

  const change = async (service: string, action: 'enable' | 'disable', reason = '') => {
    const { status } = await server.call(
      'POST',
      `/api/routes/${pathKey(`${service}:GET:/items`)}/${action}`,
      { reason },
      headers,
    );
    expect(status).toBe(200);
  };
  const of = (service: string) => replicas.filter((_replica, index) => SERVICES[index % 3] === service);
  const outcomes = () =>
    Promise.all(replicas.map(async (replica) => ((await replica.call('decide', 'GET:/items')) as { outcome: string }).outcome));
  const healths = () =>
    Promise.all(replicas.map(async (replica) => ((await replica.call('health')) as { status: string }).status));

  beforeAll(async () => {
    server = await ServerProcess.start(['--backend', `file:${join(folder, 'state.json')}`]);
    proxy = await TcpProxy.start(server.port);
    const serverUrl = `http://127.0.0.1:${proxy.port}`;
    for (let i = 0; i < 6; i++) replicas.push(await SdkProcess.start({ serverUrl, appId: SERVICES[i % 3], ...ACCOUNT }));
    headers = await server.signIn();
  });

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await proxy.stop();
    await server.kill9();
    rmSync(folder, { recursive: true });
  });

  it('register their routes once', async () => {
    // Apps start also where the server is slow to answer; they register when it does.
    await expect.poll(healths, LONG_PATIENCE).toEqual(replicas.map(() => 'ready'));
    const registered = async () => {
      const { json } = await server.call('GET', '/api/routes', undefined, headers);
      return (json as { path: string }[]).map(({ path }) => path).toSorted();
    };
    await expect
      .poll(registered)
      .toEqual(SERVICES.flatMap((service) => [`${service}:GET:/items`, `${service}:GET:/payments`]).toSorted());
  });

  // A change that only a heartbeat brings takes up to 12 s: 60 of those do not fit into the time of this test.
  it('all decide by a change as soon as it is made, and the other services do not', async () => {
    const rounds = 20;
    for (let round = 0; round < rounds; round++) {
      for (const service of SERVICES) {
        const [action, outcome] = round % 2 === 0 ? (['disable', 'block'] as const) : (['enable', 'allow'] as const);
        await change(service, action, `round ${round}`);
        await expect
          .poll(() => of(service).map(({ decisions }) => decisions.length), { interval: 2 })
          .toEqual(of(service).map(() => round + 1));
        expect(of(service).map(({ decisions }) => decisions.at(-1)?.outcome)).toEqual(of(service).map(() => outcome));
      }
    }
    // Each received its own changes, and no other service's.
    expect(replicas.map(({ decisions }) => decisions.length)).toEqual(replicas.map(() => rounds));
  });

  it('answer 503 for what is disabled, with the reason', async () => {
    await change('shop', 'disable', 'stock-taking');
    await expect.poll(() => Promise.all(of('shop').map((replica) => replica.status('/items')))).toEqual([503, 503]);
    expect(await Promise.all(of('orders').map((replica) => replica.status('/items')))).toEqual([200, 200]);
  });

  it('keep deciding correctly while the server is down, and catch up when it is back', async () => {
    const before = await outcomes();
    await server.kill9();
    await expect.poll(healths).toEqual(replicas.map(() => 'stale'));
    expect(await outcomes()).toEqual(before);
    await server.restart();
    await expect.poll(healths).toEqual(replicas.map(() => 'ready'));
    expect(await outcomes()).toEqual(before);
    headers = await server.signIn();
    await change('payments', 'disable', 'after the restart');
    await expect.poll(() => Promise.all(of('payments').map((replica) => replica.status('/items')))).toEqual([503, 503]);
  });

  it('refuse changes while they are cut off, with nothing half applied, and hear afterwards what they missed', async () => {
    const [shop] = of('shop') as [SdkProcess];
    proxy.isDown = true;
    proxy.cut();
    await expect.poll(healths).toEqual(replicas.map(() => 'stale'));
    await expect(shop.call('routes.enable', 'GET:/items')).rejects.toMatchObject({ name: 'BackendUnavailableError' });
    expect(((await shop.call('decide', 'GET:/items')) as { outcome: string }).outcome).toBe('block');
    await change('orders', 'disable', 'while cut off');
    proxy.isDown = false;
    await expect.poll(healths).toEqual(replicas.map(() => 'ready'));
    expect(await Promise.all(of('orders').map((replica) => replica.status('/items')))).toEqual([503, 503]);
  });

  it('notice a connection over which nothing comes any more, and catch up when it heals', async () => {
    proxy.freeze();
    await change('orders', 'enable', 'while nothing goes through');
    // Silence is noticed after three missed heartbeats.
    await expect.poll(healths, LONG_PATIENCE).toEqual(replicas.map(() => 'stale'));
    proxy.thaw();
    await expect.poll(healths).toEqual(replicas.map(() => 'ready'));
    expect(await Promise.all(of('orders').map((replica) => replica.status('/items')))).toEqual([200, 200]);
  });

  it('drop a stream that makes no sense, and load everything anew', async () => {
    const garbage = 'data: {"since":1,"revi\n\n';
    const began = replicas.map((replica) => replica.healths.length);
    const statuses = () =>
      replicas.map((replica, index) => replica.healths.slice(began[index]).map(({ health }) => health.status));
    proxy.inject(`${garbage.length.toString(16)}\r\n${garbage}\r\n`);
    // Each is stale for a moment only, and not all at the same time.
    await expect.poll(statuses).toEqual(replicas.map(() => ['stale', 'ready']));
    await change('orders', 'disable', 'after the garbage');
    await expect.poll(() => Promise.all(of('orders').map((replica) => replica.status('/items')))).toEqual([503, 503]);
  });

  it('change state for each other, audited as done by the service', async () => {
    const [first, second] = of('shop') as [SdkProcess, SdkProcess];
    await first.call('routes.enable', 'GET:/items', { reason: 'counted', actor: 'mallory' });
    await expect.poll(() => second.status('/items')).toBe(200);
    const { json } = await server.call('GET', '/api/audit?limit=1', undefined, headers);
    expect(json).toMatchObject([
      { path: 'shop:GET:/items', action: 'enable', actor: 'admin', platform: 'sdk', reason: 'counted' },
    ]);
  });

  it('tell which revision each decides by, also those whom a change does not concern', async () => {
    const told = async () => {
      const { json } = await server.call('GET', '/api/instances', undefined, headers);
      return json as { revision: number; instances: { service: string; connected: boolean; revision: number }[] };
    };
    const lagging = async (includes: (service: string) => boolean) => {
      const { revision: latest, instances } = await told();
      const counted = instances.filter(({ service, connected }) => connected && includes(service));
      expect(counted.length).toBeGreaterThan(1);
      return counted.filter(({ revision }) => revision < latest).length;
    };
    await expect.poll(() => lagging(() => true), LONG_PATIENCE).toBe(0);
    await change('shop', 'disable', 'whom it concerns');
    await expect.poll(() => lagging((service) => service !== 'shop'), LONG_PATIENCE).toBe(0);
    await expect.poll(() => lagging((service) => service === 'shop'), LONG_PATIENCE).toBe(0);
    expect(await Promise.all(of('shop').map((replica) => replica.call('revision')))).toEqual(
      Array(2).fill((await told()).revision),
    );
    const { json: figures } = await server.call('GET', '/api/metrics', undefined, headers);
    expect(figures).toContain('waygate_instances{service="shop",state="connected"} 2');
    await change('shop', 'enable');
  });

  it('register anew where an empty server took the place of theirs', async () => {
    await server.kill9();
    const empty = await ServerProcess.start(['--backend', 'memory'], { port: server.port });
    try {
      await expect.poll(healths, LONG_PATIENCE).toEqual(replicas.map(() => 'ready'));
      headers = await empty.signIn();
      await expect
        .poll(async () => ((await empty.call('GET', '/api/routes', undefined, headers)).json as object[]).length, LONG_PATIENCE)
        .toBe(6);
      // Who comes second finds its routes registered already, and loads the rest when it comes.
      await expect.poll(outcomes, LONG_PATIENCE).toEqual(replicas.map(() => 'allow'));
    } finally {
      await empty.kill9();
      await server.restart();
      headers = await server.signIn();
    }
  });
});
