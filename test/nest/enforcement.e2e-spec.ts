import { Readable } from 'node:stream';
import {
  All,
  Body,
  Controller,
  Get,
  Head,
  Inject,
  Injectable,
  Module,
  Options,
  Param,
  Post,
  RequestMethod,
  Res,
  Scope,
  Sse,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
  type MessageEvent,
} from '@nestjs/common';
import { REQUEST, RouterModule } from '@nestjs/core';
import { FileInterceptor } from '@nestjs/platform-express';
import { Deprecated, Disabled, EnvOnly, ForceActive, Maintenance } from '@waygate/nestjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { of } from 'rxjs';
import { PLATFORMS, rawRequest, startApp, type RunningApp } from '../support/nest-app.js';

let calls: string[] = [];
const called = <T>(name: string, value: T): T => {
  calls.push(name);
  return value;
};

@Controller()
class Decorated {
  @Get('free') free() {
    return called('free', 'free');
  }
  @Get('maintenance') @Maintenance({ reason: 'ledger', end: '2099-01-01T00:00:00Z' }) maintenance() {
    return called('maintenance', '');
  }
  @Get('past') @Maintenance({ end: '2001-01-01' }) past() {
    return called('past', 'past');
  }
  @Get('disabled') @Disabled({ reason: 'gone 💥\r\nX-Evil: 1' }) disabled() {
    return called('disabled', '');
  }
  @Get('gated') @EnvOnly('staging', 'dev') gated() {
    return called('gated', '');
  }
  @Post('gated') postGated(@Body() body: unknown) {
    return called('postGated', body);
  }
  @Get('here') @EnvOnly('test') here() {
    return called('here', 'here');
  }
  @Get('old')
  @Deprecated({ since: '2026-01-02', sunset: '2027-01-02', successor: '/nëw path', link: 'https://example.com/a b' })
  old() {
    return called('old', 'old');
  }
  @Get('all-of-it') @Deprecated({ since: '2026-01-02' }) @EnvOnly('test') @Maintenance({ reason: 'both' }) allOfIt() {
    return called('allOfIt', '');
  }
  @Get('always') @ForceActive() always() {
    return called('always', 'always');
  }
  @Get('items/:id') item(@Param('id') id: string) {
    return called('item', id);
  }
  @All('any') any() {
    return called('any', 'any');
  }
  @Get('files/*') files() {
    return called('files', 'files');
  }
}

@Controller('all-down')
@Maintenance({ reason: 'whole controller' })
class WholeController {
  @Get('inherits') inherits() {
    return called('inherits', '');
  }
  @Get('overrules') @Disabled({ reason: 'method wins' }) overrules() {
    return called('overrules', '');
  }
  @Get('escapes') @ForceActive() escapes() {
    return called('escapes', 'escapes');
  }
}

describe.each(PLATFORMS)('on %s', (platform) => {
  describe('decorators', () => {
    let running: RunningApp;
    beforeAll(async () => {
      running = await startApp(platform, { controllers: [Decorated, WholeController] });
    });
    afterAll(() => running.app.close());

    it('answers blocked routes with the documented bodies and headers, and never runs their handlers', async () => {
      calls = [];
      const { request } = running;
      const maintenance = await request('/maintenance?x=1');
      expect(maintenance.status).toBe(503);
      expect(JSON.parse(maintenance.text)).toEqual({
        error: {
          code: 'MAINTENANCE_MODE',
          message: 'This endpoint is temporarily unavailable',
          reason: 'ledger',
          path: '/maintenance',
          retry_after: '2099-01-01T00:00:00.000Z',
        },
      });
      expect(Number(maintenance.headers.get('retry-after'))).toBeGreaterThan(1e9);
      expect(maintenance.headers.get('cache-control')).toBe('no-store');
      const disabled = await request('/disabled');
      expect([disabled.status, JSON.parse(disabled.text).error]).toEqual([
        503,
        { code: 'ROUTE_DISABLED', message: 'This endpoint has been disabled', reason: 'gone 💥\r\nX-Evil: 1', path: '/disabled' },
      ]);
      expect(disabled.headers.get('x-evil')).toBeNull();
      expect((await request('/all-of-it')).status).toBe(503);
      expect(JSON.parse((await request('/all-down/inherits')).text).error.reason).toBe('whole controller');
      expect(JSON.parse((await request('/all-down/overrules')).text).error).toMatchObject({
        code: 'ROUTE_DISABLED',
        reason: 'method wins',
      });
      expect(calls).toEqual([]);
    });

    it('lets everything else through', async () => {
      const { request } = running;
      for (const path of ['/free', '/past', '/here', '/always', '/all-down/escapes']) {
        expect([path, (await request(path)).text]).toEqual([path, path.split('/').at(-1)]);
      }
    });

    it.each(['GET', 'HEAD'])('makes a gated route look exactly like an unknown path to %s', async (method) => {
      const gated = await running.request('/gated?x=1', { method });
      const unknown = await running.request('/gatex?x=1', { method });
      expect(gated.status).toBe(404);
      expect(gated.text.replaceAll('gated', 'gatex')).toBe(unknown.text);
      const headersOf = ({ headers }: typeof gated) => [...headers].filter(([name]) => !['date', 'etag'].includes(name));
      expect(headersOf(gated)).toEqual(headersOf(unknown));
      expect(
        (await running.request('/gated', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }))
          .status,
      ).toBe(201);
    });

    it('announces deprecation in headers that any value can stand in', async () => {
      const { headers, text } = await running.request('/old');
      expect(text).toBe('old');
      expect(headers.get('deprecation')).toBe(`@${Date.UTC(2026, 0, 2) / 1000}`);
      expect(headers.get('sunset')).toBe('Sat, 02 Jan 2027 00:00:00 GMT');
      expect(headers.get('link')).toBe(
        '</n%C3%ABw%20path>; rel="successor-version", <https://example.com/a%20b>; rel="deprecation"; type="text/html"',
      );
    });

    it.each([
      '/items/1',
      '/items/1/',
      '//items/1',
      '/ITEMS/1',
      '/%69tems/1',
      '/items/%31',
      '/items/1?x=/free',
      '/./items/1',
      '/free/../items/1',
      '/items//1',
      '/items/1;v=2',
    ])('never runs the handler of a blocked route, spelled %s', async (target) => {
      await running.engine.routes.disable('GET:/items/:id');
      calls = [];
      for (const method of ['GET', 'HEAD']) expect([404, 503, 400]).toContain(await rawRequest(running.port, target, method));
      expect([404, 503, 400]).toContain(await rawRequest(running.port, `http://127.0.0.1:${running.port}${target}`));
      expect(calls).toEqual([]);
      await running.engine.routes.clear('GET:/items/:id');
      expect(await rawRequest(running.port, '/items/1')).toBe(200);
    });

    it('takes every method of @All, and HEAD with GET', async () => {
      const { engine, request } = running;
      expect((await request('/any', { method: 'DELETE' })).text).toBe('any');
      await engine.routes.disable('/any');
      for (const method of ['GET', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
        expect([method, (await request('/any', { method })).status]).toEqual([method, 503]);
      await engine.routes.clear('ALL:/any');
      await engine.routes.disable('GET:/free');
      expect((await request('/free', { method: 'HEAD' })).status).toBe(503);
      await engine.routes.clear('GET:/free');
      expect((await request('/free', { method: 'HEAD' })).status).toBe(200);
    });

    it('covers wildcards', async () => {
      const wildcard = running.engine.sync.routes.list().find(({ path }) => path.startsWith('/files'));
      expect((await running.request('/files/a/b')).text).toBe('files');
      await running.engine.routes.disable(wildcard?.key ?? '');
      expect((await running.request('/files/a/b')).status).toBe(503);
      await running.engine.routes.clear(wildcard?.key ?? '');
    });

    it('takes everything down at once, unknown paths too, but exempt and always-on routes', async () => {
      const { engine, request } = running;
      await engine.maintenance.enable({ reason: 'all', exempt: ['/free'] });
      const status = async (path: string) => (await request(path)).status;
      expect([
        await status('/here'),
        await status('/gated'),
        await status('/nowhere'),
        await status('/free'),
        await status('/always'),
      ]).toEqual([503, 503, 503, 200, 200]);
      expect(JSON.parse((await request('/nowhere')).text).error).toMatchObject({
        code: 'MAINTENANCE_MODE',
        reason: 'all',
        path: '/nowhere',
      });
      await engine.maintenance.enable({ includeForceActive: true });
      expect(await status('/always')).toBe(503);
      await engine.maintenance.disable();
      expect([await status('/here'), await status('/nowhere')]).toEqual([200, 404]);
    });
  });

  describe('paths', () => {
    class Base {
      @Get('shared') shared() {
        return called(this.constructor.name, this.constructor.name);
      }
    }
    @Controller('one')
    class One extends Base {}
    @Controller('two')
    class Two extends Base {}
    @Controller(['first', 'second'])
    class Several {
      @Get(['a', 'b']) both() {
        return called('both', 'both');
      }
    }
    @Controller({ path: 'versioned', version: ['1', '2'] })
    class Versioned {
      @Get() both() {
        return called('v12', 'v12');
      }
      @Version('3') @Get() third() {
        return called('v3', 'v3');
      }
    }
    @Controller('status')
    class Status {
      @Get() status() {
        return called('status', 'status');
      }
    }
    @Controller('inner')
    class Inner {
      @Get('x') x() {
        return called('inner', 'inner');
      }
    }
    @Module({ controllers: [Inner] })
    class InnerModule {}

    it('finds the keys Nest serves, with prefix, exclusion, URI versions, path lists, RouterModule and inheritance', async () => {
      const running = await startApp(platform, {
        controllers: [One, Two, Several, Versioned, Status],
        module: { imports: [InnerModule, RouterModule.register([{ path: 'outer', module: InnerModule }])] },
        configure: (app) => {
          app.setGlobalPrefix('api', { exclude: [{ path: 'status', method: RequestMethod.GET }] });
          app.enableVersioning({ type: VersioningType.URI });
        },
      });
      const { engine, request, app } = running;
      const keys = engine.sync.routes.list().map(({ key }) => key);
      expect(keys).toEqual(
        [
          'GET:/api/one/shared',
          'GET:/api/two/shared',
          'GET:/api/first/a',
          'GET:/api/first/b',
          'GET:/api/second/a',
          'GET:/api/second/b',
          'GET:/api/v1/versioned',
          'GET:/api/v2/versioned',
          'GET:/api/v3/versioned',
          'GET:/status',
          'GET:/api/outer/inner/x',
        ].toSorted(),
      );
      for (const key of keys) {
        const path = key.slice(4);
        expect([key, (await request(path)).status]).toEqual([key, 200]);
        await engine.routes.disable(key);
        calls = [];
        for (const other of keys)
          expect([key, other, (await request(other.slice(4))).status]).toEqual([key, other, other === key ? 503 : 200]);
        await engine.routes.clear(key);
      }
      await engine.maintenance.enable();
      expect([(await request('/api/nowhere')).status, (await request('/status')).status]).toEqual([503, 503]);
      await app.close();
    });

    it.each([
      ['header', { type: VersioningType.HEADER, header: 'x-version' } as const, (version: string) => ({ 'x-version': version })],
      [
        'media type',
        { type: VersioningType.MEDIA_TYPE, key: 'v=' } as const,
        (version: string) => ({ accept: `application/json;v=${version}` }),
      ],
      [
        'custom',
        {
          type: VersioningType.CUSTOM,
          extractor: (request: unknown) => (request as { headers: Record<string, string> }).headers['x-v'] ?? '',
        } as const,
        (version: string) => ({ 'x-v': version }),
      ],
    ])('tells versions by %s apart', async (_name, versioning, headers) => {
      @Controller('neutral')
      class Neutral {
        @Version(VERSION_NEUTRAL) @Get() neutral() {
          return called('neutral', 'neutral');
        }
      }
      const { engine, request, app } = await startApp(platform, {
        controllers: [Versioned, Neutral],
        configure: (nest) => nest.enableVersioning(versioning),
      });
      expect(engine.sync.routes.list().map(({ key }) => key)).toEqual(['GET:/neutral', 'GET:/versioned@1+2', 'GET:/versioned@3']);
      await engine.routes.disable('GET:/versioned@3');
      const status = async (version: string) => (await request('/versioned', { headers: headers(version) })).status;
      expect([await status('1'), await status('2'), await status('3')]).toEqual([200, 200, 503]);
      await engine.routes.disable('GET:/neutral');
      expect((await request('/neutral')).status).toBe(503);
      await app.close();
    });
  });

  it('covers handlers of every style', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      constructor(@Inject(REQUEST) readonly request: unknown) {}
    }
    @Controller('scoped')
    class Scoped {
      constructor(private readonly perRequest: PerRequest) {}
      @Get() scoped() {
        return called('scoped', typeof this.perRequest.request);
      }
    }
    @Controller('own')
    class OwnFunctions {
      constructor(_perRequest: PerRequest) {
        const own = () => called('own', 'own');
        const name = 'fresh';
        for (const key of Reflect.getMetadataKeys(this[name]) as string[])
          Reflect.defineMetadata(key, Reflect.getMetadata(key, this[name]), own);
        Object.defineProperty(this, name, { value: own });
      }
      @Get() fresh() {
        return called('own', 'own');
      }
    }
    @Controller('styles')
    class Styles {
      @Get('plain') plain() {
        return called('plain', 'x');
      }
      @Get('promise') async promise() {
        return called('promise', 'x');
      }
      @Get('observable') observable() {
        return called('observable', of('x'));
      }
      @Get('res') res(@Res() response: { send(body: string): void }) {
        called('res', null);
        response.send('x');
      }
      @Get('passthrough') passthrough(@Res({ passthrough: true }) response: { header(name: string, value: string): void }) {
        response.header('x-own', '1');
        return called('passthrough', 'x');
      }
      @Get('stream') stream() {
        return called('stream', new StreamableFile(Readable.from(['x'])));
      }
      @Sse('sse') sse() {
        return called('sse', of<MessageEvent>({ data: 'x' }));
      }
      @Post('upload') upload(@Body() body: unknown) {
        return called('upload', body);
      }
      @Options('options') options() {
        return called('options', 'x');
      }
      @Head('head') head() {
        return called('head', '');
      }
    }
    const { engine, request, app } = await startApp(platform, {
      controllers: [Styles, Scoped, OwnFunctions],
      module: { providers: [PerRequest] },
    });
    const routes = engine.sync.routes.list();
    expect(routes).toHaveLength(12);
    for (const { key, method, path } of routes) {
      const init = {
        method: method ?? 'GET',
        ...(method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
      };
      calls = [];
      expect([key, (await request(path, init)).status]).toEqual([key, method === 'POST' ? 201 : 200]);
      expect(calls).toHaveLength(1);
      await engine.routes.setMaintenance(key);
      expect([key, (await request(path, init)).status]).toEqual([key, 503]);
      expect(calls).toHaveLength(1);
      await engine.routes.clear(key);
    }
    await app.close();
  });

  it('does not read the upload of a blocked route', async () => {
    @Controller()
    class Uploads {
      @Post('upload') @UseInterceptors(FileInterceptor('file')) upload(@UploadedFile() file: { originalname: string }) {
        return called('upload', file.originalname);
      }
    }
    // Nest's file interceptor is Express's; on Fastify an upload is a plain body.
    if (platform === 'fastify') return;
    const { engine, request, app } = await startApp(platform, { controllers: [Uploads] });
    const form = () => {
      const body = new FormData();
      body.append('file', new Blob(['x'.repeat(100_000)]), 'report.csv');
      return { method: 'POST', body };
    };
    expect((await request('/upload', form())).text).toBe('report.csv');
    await engine.routes.disable('/upload');
    calls = [];
    expect((await request('/upload', form())).status).toBe(503);
    expect(calls).toEqual([]);
    await app.close();
  });

  it('serves a controller bound to a host on that host only, blocked or not', async () => {
    @Controller({ path: 'hosted', host: 'admin.example' })
    class Hosted {
      @Get() hosted() {
        return called('hosted', 'hosted');
      }
    }
    const { engine, port, app } = await startApp(platform, { controllers: [Hosted] });
    expect([await rawRequest(port, '/hosted', 'GET', 'admin.example'), await rawRequest(port, '/hosted')]).toEqual([200, 404]);
    await engine.routes.disable('/hosted');
    expect([await rawRequest(port, '/hosted', 'GET', 'admin.example'), await rawRequest(port, '/hosted')]).toEqual([503, 404]);
    await app.close();
  });

  it('answers CORS preflights while everything is down, and lets the page read the refusal', async () => {
    const configure = (nest: INestApplication) => nest.enableCors({ origin: 'https://app.example' });
    const { engine, request, app } = await startApp(platform, { controllers: [Decorated], configure });
    await engine.maintenance.enable();
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'GET' };
    expect((await request('/free', { method: 'OPTIONS', headers })).status).toBe(204);
    const refused = await request('/free', { headers: { origin: 'https://app.example' } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([503, 'https://app.example']);
    await app.close();
  });

  it('holds with lax and strict router options alike', async () => {
    const adapter = { routerOptions: { ignoreTrailingSlash: true, caseSensitive: false, ignoreDuplicateSlashes: true } };
    const { engine, port, app } = await startApp(platform, {
      controllers: [Decorated],
      adapter,
      configure: (nest) => {
        if (platform === 'express')
          (nest.getHttpAdapter().getInstance() as { set(name: string, value: boolean): void }).set('strict routing', true);
      },
    });
    await engine.routes.disable('GET:/items/:id');
    calls = [];
    for (const target of ['/items/1', '/items/1/', '/ITEMS/1', '//items//1', '/%49tems/1'])
      expect([404, 503]).toContain(await rawRequest(port, target));
    expect(calls).toEqual([]);
    await app.close();
  });
});
