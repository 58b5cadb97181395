import { Controller, Get } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { WaygateServerBackend } from '@waygate/client/backend';
import type { Change, EffectiveState } from '@waygate/core';
import { Deprecated, EnvOnly, ForceActive, Maintenance, WaygateEngine } from '@waygate/nestjs';
import { WaygateSwagger } from '@waygate/nestjs/swagger';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PLATFORMS } from '../support/nest-app.js';

@Controller()
class ShopController {
  @Get('open') open() {}
  @Get('vital') @ForceActive() vital() {}
  @Get('old') @Deprecated({ since: '2026-01-01' }) old() {}
  @Get('here') @EnvOnly('test') here() {}
  @Get('elsewhere') @EnvOnly('prod') elsewhere() {}
  @Get('declared') @Maintenance({ reason: 'declared' }) declared() {}
}

const PATHS = ['/open', '/vital', '/old', '/here', '/elsewhere', '/declared'];
const OVERRIDABLE = PATHS.filter((path) => path !== '/vital');
const HOUR = 3_600_000;

const key = fc.constantFrom(...OVERRIDABLE).map((path) => `GET:${path}`);
const exempt = fc.subarray(['/open', 'GET:/old', '/here']);
const service = fc.constantFrom(null, 'shop');
/** A window that is open, or still to come; never one with an edge while a test looks. */
const window = fc.constantFrom({ start: -HOUR, end: HOUR }, { start: HOUR, end: 2 * HOUR });
const change: fc.Arbitrary<(now: number) => Change> = fc.oneof(
  key.map((each) => () => ({ kind: 'route.disable', key: each, reason: 'off' }) as const),
  key.map((each) => () => ({ kind: 'route.maintenance', key: each, reason: 'route' }) as const),
  key.map((each) => () => ({ kind: 'route.enable', key: each }) as const),
  key.map((each) => () => ({ kind: 'route.clear', key: each }) as const),
  fc.tuple(key, fc.subarray(['test', 'prod'], { minLength: 1 })).map(
    ([each, environments]) =>
      () =>
        ({ kind: 'route.set-environments', key: each, environments }) as const,
  ),
  fc.tuple(key, window).map(([each, { start, end }]) => (now: number) => {
    return { kind: 'route.maintenance', key: each, reason: 'window', window: { start: now + start, end: now + end } } as const;
  }),
  fc.tuple(service, exempt, fc.boolean()).map(([each, paths, includeForceActive]) => () => {
    const reason = each ?? 'everything';
    return { kind: 'maintenance.enable', service: each, reason, exempt: paths, includeForceActive } as const;
  }),
  service.map((each) => () => ({ kind: 'maintenance.disable', service: each }) as const),
);
const situation = fc.array(change, { minLength: 1, maxLength: 5 });

describe.each(PLATFORMS)('what applies, shown everywhere, on %s', (platform) => {
  let admin: AdminApp;
  let token: Record<string, string>;
  let replica: WaygateEngine;

  beforeAll(async () => {
    admin = await startAdmin(platform, {
      controllers: [ShopController],
      waygate: { service: 'shop' },
      configure: (app) => {
        const document = SwaggerModule.createDocument(app, new DocumentBuilder().setTitle('Shop').setVersion('1').build());
        WaygateSwagger.setup('docs', app, document);
      },
    });
    token = await admin.signIn();
    replica = new WaygateEngine({
      backend: new WaygateServerBackend({ url: `${admin.url}/waygate`, appId: 'shop', ...ADMIN }),
      service: 'shop',
      environment: 'test',
    });
    await replica.open();
  });

  afterAll(async () => {
    await replica.close();
    await admin.app.close();
  });

  it('is what a request gets, in the engine, REST, the dashboard, the OpenAPI document, and an SDK process', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (changes) => {
        await reset(admin.engine);
        for (const each of changes) await admin.engine.apply([each(Date.now())], { actor: 'alice' });
        await expect.poll(() => replica.revision).toBe(admin.engine.revision);
        const shown = await read(admin, token);
        for (const path of PATHS) {
          const effective = admin.engine.effective(`GET:${path}`);
          const { status: answer } = await admin.request(path);
          const displays = {
            replica: stateOf(replica.effective(`GET:${path}`)),
            rest: shown.rest.get(path),
            dashboard: shown.dashboard.get(path),
            document: shown.document.get(path),
          };
          expect({ path, answer, ...displays }).toEqual({
            path,
            answer: answerFor(effective),
            replica: stateOf(effective),
            rest: stateOf(effective),
            dashboard: effective.status,
            document: documentedAs(effective, admin.engine),
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});

async function reset(engine: WaygateEngine): Promise<void> {
  const clear = OVERRIDABLE.map((path) => ({ kind: 'route.clear', key: `GET:${path}` }) as const);
  const off = [null, 'shop'].map((each) => ({ kind: 'maintenance.disable', service: each }) as const);
  await engine.apply([...clear, ...off], { actor: 'alice' });
}

function stateOf({ status, blockedBy, reason }: EffectiveState): string {
  return `${status} by ${blockedBy ?? 'nothing'}: ${reason}`;
}

function answerFor({ status, blockedBy }: EffectiveState): number {
  if (blockedBy === null) return 200;
  return status === 'env_gated' ? 404 : 503;
}

/** Operations that a route's own state hides are not in the document. */
function documentedAs({ key: of, blockedBy }: EffectiveState, engine: WaygateEngine): string | undefined {
  const { state, environments, deprecation } = engine.sync.routes.get(of);
  const isHidden = state === 'disabled' || (environments !== null && !environments.includes('test'));
  if (isHidden) return undefined;
  return blockedBy !== null ? 'maintenance' : deprecation === null ? 'active' : 'deprecated';
}

interface Shown {
  readonly rest: ReadonlyMap<string, string>;
  readonly dashboard: ReadonlyMap<string, string>;
  readonly document: ReadonlyMap<string, string>;
}

/** What each surface shows, by path. */
async function read(admin: AdminApp, token: Record<string, string>): Promise<Shown> {
  const { json } = await admin.call('GET', '/api/routes', undefined, token);
  const states = json as { path: string; effective: { status: string; blocked_by: string | null; reason: string } }[];
  const rest = states.map(
    ({ path, effective }) =>
      [pathOf(path), `${effective.status} by ${effective.blocked_by ?? 'nothing'}: ${effective.reason}`] as const,
  );
  const page = await admin.request('/waygate/routes', { headers: token });
  const rows = page.text.matchAll(/<tr data-key="([^"]+)">.*?data-status="(\w+)"/gs);
  const document = JSON.parse((await admin.request('/docs-json')).text) as OpenAPIObject;
  const operations = Object.entries(document.paths).map(([path, { get }]) => {
    const status = (get as Record<string, unknown> | undefined)?.['x-waygate-status'];
    return [path, typeof status === 'string' ? status : 'active'] as const;
  });
  return {
    rest: new Map(rest),
    dashboard: new Map([...rows].map(([, recordKey = '', status = '']) => [pathOf(recordKey), status] as const)),
    document: new Map(operations),
  };
}

function pathOf(recordKey: string): string {
  return recordKey.slice(recordKey.indexOf('/'));
}
