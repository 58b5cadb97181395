import { request as httpRequest } from 'node:http';
import { Controller, Get, Injectable, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { BackendUnavailableError, MemoryBackend } from '@waygate/nestjs';
import { WaygateHealthIndicator } from '@waygate/nestjs/terminus';
import { afterEach, describe, expect, it } from 'vitest';
import { HostController, startAdmin, type AdminApp, type AdminAppOptions } from '../support/admin-app.js';
import { ON_OFF } from '../support/flag.js';
import { PLATFORMS } from '../support/nest-app.js';

/** A store that can be unplugged. */
class UnreliableBackend extends MemoryBackend {
  isAway = false;

  override async load() {
    if (this.isAway) throw new BackendUnavailableError('the store at 10.0.0.7 does not answer');
    return super.load();
  }
}

const apps: AdminApp[] = [];
afterEach(async () => {
  for (const { app } of apps.splice(0)) await app.close();
});

async function start(platform: 'express' | 'fastify', options: AdminAppOptions = {}): Promise<AdminApp> {
  const admin = await startAdmin(platform, options);
  apps.push(admin);
  return admin;
}

describe.each(PLATFORMS)('health on %s', (platform) => {
  it('is ready, then draining while the application ends', async () => {
    let seen: unknown;
    @Injectable()
    class Last implements BeforeApplicationShutdown {
      async beforeApplicationShutdown(): Promise<void> {
        seen = await new Promise((resolve, reject) => {
          httpRequest(`${admin.url}/waygate/api/health/ready`, (response) => {
            let text = '';
            response.on('data', (data: Buffer) => (text += data.toString()));
            response.on('end', () => resolve([response.statusCode, JSON.parse(text)]));
          })
            .on('error', reject)
            .end();
        });
      }
    }
    const admin = await startAdmin(platform, { module: { providers: [Last] } });
    expect(await admin.call('GET', '/api/health/ready')).toMatchObject({ status: 200, json: { status: 'ready' } });
    await admin.app.close();
    expect(seen).toEqual([503, { status: 'draining' }]);
  });

  it('without a store is not ready; why, only those hear who are signed in', async () => {
    const backend = new UnreliableBackend();
    backend.isAway = true;
    const admin = await start(platform, { waygate: { backend, initTimeout: 50 } });
    const ready = await admin.call('GET', '/api/health/ready');
    expect([ready.status, ready.text.includes('10.0.0.7')]).toEqual([503, false]);
    const details = await admin.call('GET', '/api/health', undefined, await admin.signIn());
    expect((details.json as { reasons: string[] }).reasons.join()).toContain('10.0.0.7');
    expect((await admin.call('GET', '/api/health/live')).status).toBe(200);
    backend.isAway = false;
    await expect.poll(async () => (await admin.call('GET', '/api/health/ready')).status).toBe(200);
  });

  it('is part of a check by Terminus', async () => {
    @Controller('health')
    class HealthController {
      constructor(
        private readonly health: HealthCheckService,
        private readonly waygate: WaygateHealthIndicator,
      ) {}

      @Get()
      check() {
        return this.health.check([() => this.waygate.isHealthy('waygate')]);
      }

      @Get('strict')
      strict() {
        return this.health.check([() => this.waygate.isHealthy('waygate', { whenStale: 'down' })]);
      }
    }
    @Module({ imports: [TerminusModule], providers: [WaygateHealthIndicator], controllers: [HealthController] })
    class HealthModule {}
    const backend = new UnreliableBackend();
    const admin = await start(platform, {
      waygate: { backend },
      module: { imports: [HealthModule] },
      controllers: [HostController],
    });
    const healthy = await admin.request('/health');
    expect([healthy.status, JSON.parse(healthy.text)]).toMatchObject([
      200,
      { info: { waygate: { status: 'up', state: 'ready', reasons: [] } } },
    ]);
    backend.isAway = true;
    const stale = await start(platform, {
      waygate: { backend, initTimeout: 50 },
      module: { imports: [HealthModule] },
    });
    expect((await stale.request('/health')).status).toBe(200);
    const strict = await stale.request('/health/strict');
    expect([strict.status, JSON.parse(strict.text)]).toMatchObject([503, { error: { waygate: { status: 'down' } } }]);
  });

  it('has figures for Prometheus', async () => {
    const admin = await start(platform);
    const root = await admin.signIn();
    const scrape = async (headers: Record<string, string>) => admin.call('GET', '/api/metrics', undefined, headers);
    await admin.engine.flags.save({
      key: 'checkout',
      name: 'checkout',
      ...ON_OFF,
      fallthrough: 'on',
    });
    for (let i = 0; i < 3; i++) admin.engine.sync.flags.boolean('checkout', false);
    await admin.engine.rateLimits.set('GET:/items/:id', { limit: '1/minute' });
    for (let i = 0; i < 3; i++) await admin.request('/items/1');
    await admin.engine.routes.disable('GET:/payments');
    await admin.request('/payments');
    await expect.poll(async () => (await scrape(root)).text).toContain('waygate_requests_total{route="GET:/items/:id"} 3');
    const { text, headers } = await scrape(root);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      'waygate_blocked_requests_total{kind="rate_limited",shadow="false"} 2',
      'waygate_blocked_requests_total{kind="disabled",shadow="false"} 1',
      'waygate_limit_refusals_total{route="GET:/items/:id",scope="route",policy="default",shadow="false"} 2',
      'waygate_flag_evaluations_total{flag="checkout",variation="on"} 3',
      'waygate_ready 1',
      'waygate_health{status="ready"} 1',
      'waygate_health{status="stale"} 0',
      'waygate_troubles 0',
      'waygate_streams 0',
      `waygate_revision ${admin.engine.revision}`,
    ])
      expect(text.split('\n')).toContain(line);
    const { token } = (await admin.call('POST', '/api/tokens', { name: 'prometheus', role: 'viewer' }, root)).json as {
      token: string;
    };
    const bearer = { authorization: `Bearer ${token}` };
    expect((await scrape(bearer)).status).toBe(200);
    expect((await scrape({ authorization: `Bearer ${token}x` })).status).toBe(401);
    expect((await scrape({ ...bearer, 'x-waygate-token': 'wrong' })).status).toBe(401);
    expect((await scrape({ authorization: `Bearer ${root['x-waygate-token'] ?? ''}` })).status).toBe(401);
    expect((await admin.call('GET', '/api/routes', undefined, bearer)).status).toBe(401);
  });
});
