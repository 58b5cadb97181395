import { Server } from 'node:http';
import {
  BadRequestException,
  Body,
  Catch,
  Controller,
  Get,
  HttpException,
  Injectable,
  Logger,
  Module,
  Post,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type INestApplication,
  type LoggerService,
  type MiddlewareConsumer,
  type NestInterceptor,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { WaygateAdminModule } from '@waygate/admin';
import { MemoryBackend, WaygateEngine, WaygateModule } from '@waygate/nestjs';
import { map, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, pathKey, SECRET, startAdmin, type AdminApp, type AdminAppOptions } from '../support/admin-app.js';
import { PLATFORMS, rawRequest } from '../support/nest-app.js';

let running: AdminApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

@Injectable()
class DenyEverybody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Catch()
@Injectable()
class Teapot implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: unknown, context: ArgumentsHost): void {
    const inner = error instanceof HttpException ? error.getStatus() : 500;
    this.host.httpAdapter.reply(context.switchToHttp().getResponse(), { teapot: inner }, 418);
  }
}

@Injectable()
class Wrapping implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((wrapped: unknown) => ({ wrapped })));
  }
}

@Injectable()
class NothingGoes {
  transform(): never {
    throw new BadRequestException('the pipe of the app');
  }
}

@Controller()
class EchoController {
  @Post('echo')
  echo(@Body() body: object): object {
    return body;
  }

  @Get('waygate-like')
  like(): string {
    return 'the app';
  }
}

describe.each(PLATFORMS)('the admin in an app on %s', (platform) => {
  const start = async (options?: AdminAppOptions) => (running = await startAdmin(platform, options));

  /** Everything a client does, from sign-in to change. */
  const works = async ({ call, signIn }: AdminApp) => {
    const token = await signIn();
    const url = `/api/routes/${pathKey('GET:/nope')}`;
    expect(await call('GET', '/api/auth/me', undefined, token)).toMatchObject({ status: 200, json: { username: 'admin' } });
    expect(await call('POST', '/api/global/enable', '{"reason":"by hand","unknown":1}', token)).toMatchObject({
      status: 200,
      json: { enabled: true },
    });
    expect(await call('POST', '/api/global/disable', '{broken', token)).toMatchObject({ status: 200, json: { enabled: false } });
    expect(await call('POST', `${url}/env`, '{broken', token)).toMatchObject({
      status: 400,
      json: { error: 'Invalid JSON body' },
    });
    expect(await call('POST', `${url}/enable`, undefined, token)).toMatchObject({ status: 404 });
  };

  it('answers below its path, and the app answers as before', async () => {
    const admin = await start({ controllers: [EchoController] });
    await works(admin);
    const echo = await admin.request('/echo', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(echo).toMatchObject({ status: 201, text: '{"a":1}' });
    expect(await admin.request('/waygate-like')).toMatchObject({ status: 200, text: 'the app' });
    expect((await admin.request('/waygateX/api/auth/me')).status).toBe(404);
    expect((await admin.request('/api/auth/me')).status).toBe(404);
  });

  it('serves the API without pages where the option `dashboard` is false', async () => {
    const admin = await start({ controllers: [EchoController], admin: { dashboard: false } });
    await works(admin);
    const token = await admin.signIn();
    const statusOf = async (path: string, headers: Record<string, string>) => {
      const { status } = await admin.request(path, { headers: { ...headers, accept: 'text/html' } });
      return { path, status };
    };
    for (const path of ['/waygate/', '/waygate/routes', '/waygate/flags']) {
      expect(await statusOf(path, {})).toEqual({ path, status: 401 });
      expect(await statusOf(path, token)).toEqual({ path, status: 404 });
    }
  });

  it('is not touched by guards, pipes, filters and interceptors of the app, and those still hold for the app', async () => {
    const providers = [
      { provide: APP_GUARD, useClass: DenyEverybody },
      { provide: APP_FILTER, useClass: Teapot },
      { provide: APP_INTERCEPTOR, useClass: Wrapping },
      { provide: APP_PIPE, useClass: NothingGoes },
    ];
    const admin = await start({
      module: { providers },
      controllers: [EchoController],
      configure: (app) => app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true })),
    });
    await works(admin);
    expect(await admin.request('/waygate-like')).toMatchObject({ status: 418, text: '{"teapot":403}' });
    expect(await admin.request('/nowhere')).toMatchObject({ status: 418, text: '{"teapot":404}' });
  });

  it('is found at its path whatever the prefix and the versions of the app', async () => {
    const admin = await start({
      controllers: [EchoController],
      configure: (app) => void app.setGlobalPrefix('v0').enableVersioning(),
    });
    await works(admin);
    expect([(await admin.request('/v0/waygate-like')).status, (await admin.request('/v0/waygate/api/auth/me')).status]).toEqual([
      200, 404,
    ]);
  });

  it('stays up while the app is in maintenance and over its limits, and ends both', async () => {
    const admin = await start();
    const token = await admin.signIn();
    await admin.call('POST', '/api/global/enable', { include_force_active: true }, token);
    await admin.call('POST', '/api/global-rate-limit', { limit: '0/minute' }, token);
    expect([(await admin.request('/payments')).status, (await admin.request('/nowhere')).status]).toEqual([503, 503]);
    await works(admin);
    expect((await admin.request('/payments')).status).toBe(429);
    await admin.call('DELETE', '/api/global-rate-limit', undefined, token);
    expect((await admin.request('/payments')).status).toBe(200);
  });

  it('comes before the middleware of the app', async () => {
    const seen: string[] = [];
    const remember = (request: { originalUrl?: string; url?: string }, _response: unknown, next: () => void) => {
      seen.push(request.originalUrl ?? request.url ?? '');
      next();
    };
    @Module({})
    class Watched {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(remember).forRoutes('{*path}');
      }
    }
    const admin = await start({ module: { imports: [Watched] }, configure: (app) => void app.use(remember) });
    await works(admin);
    await admin.request('/payments');
    expect(new Set(seen)).toEqual(new Set(['/payments']));
  });

  it.each(['ops/waygate', ''])("can be mounted at '%s'", async (path) => {
    const admin = await start({ admin: { path } });
    await works(admin);
    expect((await admin.request('/payments')).status).toBe(path === '' ? 302 : 200);
  });

  it('is not reached by another spelling of its path', async () => {
    const { port } = await start();
    const spellings = [
      '/WAYGATE/api/health/live',
      '//waygate/api/health/live',
      '/%77aygate/api/health/live',
      '/x/../waygate/api/health/live',
    ];
    expect(await Promise.all(spellings.map((spelling) => rawRequest(port, spelling)))).toEqual(spellings.map(() => 404));
    expect(await rawRequest(port, '/waygate/api/health/live')).toBe(200);
  });

  it('answers to its paths as they are written', async () => {
    const admin = await startAdmin(platform);
    const token = await admin.signIn();
    const statuses = await Promise.all(
      ['/api/routes', '/API/routes', '/api/Routes', '/api//routes'].map(
        async (path) => (await admin.call('GET', path, undefined, token)).status,
      ),
    );
    expect(statuses).toEqual([200, 404, 404, 404]);
    await admin.app.close();
  });

  it('knows addresses and https by the trust-proxy setting of the app', async () => {
    const signIn = (admin: AdminApp) =>
      admin.call('POST', '/login', 'username=admin&password=correct+horse', { 'x-forwarded-proto': 'https' });
    const plain = await start();
    expect((await signIn(plain)).headers.get('set-cookie')).toMatch(/^waygate_session=/);
    await plain.app.close();
    const trusting = await start({
      adapter: { trustProxy: true },
      configure: (app) => {
        if (platform === 'express')
          (app.getHttpAdapter().getInstance() as { set(name: string, value: unknown): void }).set('trust proxy', true);
      },
    });
    expect((await signIn(trusting)).headers.get('set-cookie')).toMatch(
      /^__Host-waygate_session=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
    );
    for (let i = 0; i < 60; i++) {
      const headers = { 'x-forwarded-for': `10.0.0.${i}` };
      const attempt = await trusting.call('POST', '/api/auth/login', { username: `u${i}`, password: 'x' }, headers);
      expect(attempt.status).toBe(401);
    }
  });

  it('knows the routes of an app that is one service of several by either name', async () => {
    const { call, signIn } = await start({ waygate: { service: 'shop' } });
    const token = await signIn();
    const status = async (key: string) =>
      ((await call('GET', `/api/routes/${pathKey(key)}`, undefined, token)).json as { path: string; status: string }).status;
    const disabled = await call('POST', `/api/routes/${pathKey('GET:/payments')}/disable`, {}, token);
    expect(disabled.json).toMatchObject({ path: 'shop:GET:/payments', service: 'shop', status: 'disabled' });
    expect([await status('GET:/payments'), await status('shop:GET:/payments'), await status('/payments')]).toEqual([
      'disabled',
      'disabled',
      'active',
    ]);
    const limit = await call('POST', '/api/rate-limits', { path: '/payments', limit: '5/minute' }, token);
    expect(limit).toMatchObject({ status: 201, json: { path: '/payments', limit: '5/minute' } });
    const refused = await call('POST', `/api/routes/${pathKey('GET:/payments')}/disable`, { expires_in: 'soon' }, token);
    expect(refused).toMatchObject({
      status: 400,
      json: { error: "expires_in: 'soon' is not a duration. Use e.g. 30s, 15m, 2h, 1d, or milliseconds" },
    });
  });

  it('stays out of the way of an app without HTTP', async () => {
    @Module({
      imports: [WaygateModule.forRoot({ backend: new MemoryBackend() }), WaygateAdminModule.forRoot({ auth: ADMIN })],
    })
    class Script {}
    const context = await NestFactory.createApplicationContext(Script, { logger: ['fatal'], abortOnError: false });
    await context.close();
    expect(context.get(WaygateEngine).health.status).toBe('closed');
  });

  it('works in apps made by the testing module, and through what they are asked with', async () => {
    const testing = await Test.createTestingModule({
      imports: [
        WaygateModule.forRoot({ backend: new MemoryBackend() }),
        WaygateAdminModule.forRootAsync({ useFactory: () => ({ auth: ADMIN, secretKey: SECRET }) }),
      ],
    }).compile();
    const app: INestApplication = testing.createNestApplication(
      platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
      {
        logger: false,
      },
    );
    await app.init();
    if (platform === 'fastify') {
      const fastify = app.getHttpAdapter().getInstance() as FastifyInject;
      const answer = await fastify.inject({ method: 'POST', url: '/waygate/api/auth/login', payload: ADMIN });
      expect(answer.statusCode).toBe(200);
    } else expect(app.getHttpServer()).toBeInstanceOf(Server);
    await app.listen(0, '127.0.0.1');
    const answer = await fetch(`${await app.getUrl()}/waygate/api/auth/login`, { method: 'POST', body: '{broken' });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'Invalid JSON body' }]);
    await app.close();
  });
});

describe('the log of an app with the admin', () => {
  @Injectable()
  class Told implements LoggerService {
    readonly lines: string[] = [];
    readonly log = (...told: unknown[]) => void this.lines.push(told.join(' | '));
    readonly warn = this.log;
    readonly error = this.log;
  }

  @Controller('payments')
  class PaymentsController {
    @Get()
    payments(): void {}
  }

  @Injectable()
  class Talkative implements OnModuleInit {
    async onModuleInit(): Promise<void> {
      // While the admin starts: hooks of one module run side by side, those of others before or after.
      for (let i = 0; i < 3; i++) await Promise.resolve(new Logger('Shop').log(`opening ${i}`));
    }
  }

  @Module({
    imports: [
      WaygateModule.forRoot({ backend: new MemoryBackend() }),
      WaygateAdminModule.forRoot({ auth: ADMIN, secretKey: SECRET, path: 'control' }),
    ],
    controllers: [PaymentsController],
    providers: [Talkative],
  })
  class AppModule {}

  afterEach(() => Logger.overrideLogger(['fatal']));

  it.each([
    ['from the beginning', false],
    ['before it starts', true],
  ])(
    'tells of its routes and where the admin is, not of the hundred routes in there: with a logger given %s',
    async (_when, later) => {
      const told = new Told();
      const app = await NestFactory.create(AppModule, later ? { bufferLogs: true } : { logger: told });
      if (later) app.useLogger(told);
      await app.init();
      await app.close();
      expect(told.lines.filter((line) => line.startsWith('Mapped'))).toEqual(['Mapped {/payments, GET} route | RouterExplorer']);
      expect(told.lines.filter((line) => line.startsWith('Starting'))).toHaveLength(1);
      expect(told.lines.filter((line) => line.startsWith('opening'))).toHaveLength(3);
      expect(told.lines).toContain('Dashboard and admin API at /control | WaygateAdmin');
      expect(told.lines.at(-1)).toBe('Nest application successfully started | NestApplication');
    },
  );
});

interface FastifyInject {
  inject(request: object): Promise<{ readonly statusCode: number }>;
}
