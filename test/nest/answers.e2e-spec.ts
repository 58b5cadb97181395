import {
  Catch,
  Controller,
  Get,
  HttpException,
  Module,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import {
  ConfigurationError,
  Disabled,
  EnvOnly,
  ForceActive,
  Maintenance,
  MemoryBackend,
  RateLimit,
  UseWaygate,
  WaygateEngine,
  WaygateException,
  WaygateModule,
  WaygateResponse,
  type BlockContext,
  type BlockResponder,
} from '@waygate/nestjs';
import { bypass } from '@waygate/nestjs/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { PLATFORMS, rawRequest, startApp } from '../support/nest-app.js';

const write = ({ response }: BlockContext) => {
  const reply = response as { status?(code: number): { send(body: string): void } };
  reply.status?.(418).send('written by hand');
  return undefined;
};

@Controller()
class Answers {
  @Get('html')
  @Maintenance({ response: WaygateResponse.html('<h1>Back soon</h1>', { status: 200, headers: { 'x-own': '1' } }) })
  html() {}
  @Get('text') @Maintenance({ response: 'plain words' }) text() {}
  @Get('object') @Disabled({ response: { sorry: true } }) object() {}
  @Get('function')
  @Maintenance({ reason: 'why', response: ({ block, route, body }) => ({ route, kind: block.kind, code: body.error.code }) })
  function() {}
  @Get('async') @Maintenance({ response: async () => WaygateResponse.json([1, 2], { status: 599 }) }) async() {}
  @Get('redirect') @Maintenance({ response: WaygateResponse.redirect('/stätus page?a=1\r\nX-Evil: 1') }) redirect() {}
  @Get('hand') @Maintenance({ response: write }) hand() {}
  @Get('throws') @Maintenance({ reason: 'r', response: () => Promise.reject(new Error('broken responder')) }) throws() {}
  @Get('plain') @Maintenance({ reason: 'r' }) plain() {}
  @Get('off') @Disabled() off() {}
  @Get('gated') @EnvOnly('elsewhere') gated() {}
  @Get('limited') @RateLimit('1/hour', { response: 'slow down' }) limited() {
    return 'ok';
  }
}

describe.each(PLATFORMS)('answers on %s', (platform) => {
  it('gives the route its own answer', async () => {
    const { request, app } = await startApp(platform, { controllers: [Answers] });
    const short = async (path: string) => {
      const { status, headers, text } = await request(path);
      return [status, headers.get('content-type')?.split(';')[0], text];
    };
    expect(await short('/html')).toEqual([200, 'text/html', '<h1>Back soon</h1>']);
    expect((await request('/html')).headers.get('x-own')).toBe('1');
    expect(await short('/text')).toEqual([503, 'text/plain', 'plain words']);
    expect(await short('/object')).toEqual([503, 'application/json', '{"sorry":true}']);
    expect(await short('/function')).toEqual([
      503,
      'application/json',
      '{"route":"GET:/function","kind":"maintenance","code":"MAINTENANCE_MODE"}',
    ]);
    expect(await short('/async')).toEqual([599, 'application/json', '[1,2]']);
    expect((await short('/hand')).filter((part) => part !== 'text/html' && part !== 'text/plain')).toEqual([
      418,
      'written by hand',
    ]);
    const redirect = await request('/redirect');
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/st%C3%A4tus%20page?a=1%0D%0AX-Evil:%201']);
    expect(redirect.headers.get('x-evil')).toBeNull();
    expect(JSON.parse((await request('/throws')).text).error).toMatchObject({ code: 'MAINTENANCE_MODE', reason: 'r' });
    expect((await request('/html', { method: 'HEAD' })).text).toBe('');
    expect((await request('/limited')).text).toBe('ok');
    expect(await short('/limited')).toEqual([429, 'text/plain', 'slow down']);
    await app.close();
  });

  it('gives other routes the answer of the module, unknown paths too', async () => {
    const responses: { maintenance: BlockResponder; disabled: BlockResponder; envGated: BlockResponder } = {
      maintenance: ({ route }) => WaygateResponse.text(`down: ${route ?? 'nothing'}`, { status: 500 }),
      disabled: 'off for all',
      envGated: WaygateResponse.redirect('/elsewhere', { status: 307 }),
    };
    const { engine, request, app } = await startApp(platform, { controllers: [Answers], waygate: { responses } });
    expect([(await request('/plain')).text, (await request('/text')).text, (await request('/off')).text]).toEqual([
      'down: GET:/plain',
      'plain words',
      'off for all',
    ]);
    expect((await request('/gated')).headers.get('location')).toBe('/elsewhere');
    await engine.maintenance.enable();
    const unknown = await request('/nowhere');
    expect([unknown.status, unknown.text]).toEqual([500, 'down: nothing']);
    await app.close();
  });

  it('admits that a gated route exists when told to', async () => {
    const { request, app } = await startApp(platform, { controllers: [Answers], waygate: { envGate: 'forbidden' } });
    const { status, text } = await request('/gated');
    expect([status, JSON.parse(text).error]).toMatchObject([
      403,
      { code: 'ENV_GATED', current_env: 'test', allowed_envs: ['elsewhere'] },
    ]);
    await app.close();
  });

  it('survives any text in reasons, and never sends a header from it', async () => {
    const { engine, request, app } = await startApp(platform, { controllers: [Answers] });
    for (const reason of ['💥', 'a\r\nSet-Cookie: x=1', '\ud800', 'x'.repeat(2_000), '"\\</script>', '\u0000']) {
      await engine.routes.setMaintenance('GET:/plain', { reason });
      const answer = await request('/plain');
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([503, null]);
      expect(JSON.parse(answer.text).error.reason).toBe(reason);
    }
    await app.close();
  });
});

describe.each(PLATFORMS)('beside the guards and filters of the app, on %s', (platform) => {
  const order: string[] = [];
  class Recording implements CanActivate {
    constructor(private readonly name: string) {}
    canActivate(context: ExecutionContext) {
      order.push(this.name);
      (context.switchToHttp().getRequest() as { user?: unknown }).user = { id: 'ann', roles: ['staff'] };
      return true;
    }
  }
  class LocalGuard extends Recording {
    constructor() {
      super('local');
    }
  }
  @Controller()
  class Guarded {
    @Get('blocked') @UseGuards(LocalGuard) @Disabled() blocked() {}
    @Get('per-user') @UseGuards(LocalGuard) @RateLimit('1/hour', { key: 'user' }) perUser() {
      return 'ok';
    }
    @Get('staff') @UseGuards(LocalGuard) @RateLimit('0/hour', { exemptRoles: ['staff'] }) staff() {
      return 'ok';
    }
  }

  it('decides before any guard, and counts users after all of them', async () => {
    @Module({ providers: [{ provide: APP_GUARD, useValue: new Recording('module guard') }] })
    class Auth {}
    const { request, app } = await startApp(platform, {
      controllers: [Guarded],
      module: { imports: [Auth], providers: [{ provide: APP_GUARD, useValue: new Recording('root guard') }] },
      configure: (nest) => nest.useGlobalGuards(new Recording('used globally')),
    });
    order.length = 0;
    expect((await request('/blocked')).status).toBe(503);
    expect(order).toEqual([]);
    expect([(await request('/per-user')).status, (await request('/per-user')).status]).toEqual([200, 429]);
    expect(order.slice(0, 4).toSorted()).toEqual(['local', 'module guard', 'root guard', 'used globally']);
    expect((await request('/staff')).status).toBe(200);
    await app.close();
  });

  it('counts before the guards what is told to, whoever is known by then, and knows the user behind them all the same', async () => {
    @Controller()
    class Guarded {
      @Get('refused')
      @UseGuards({ canActivate: () => false })
      @RateLimit('1/hour', { key: (request) => (request as { headers: { name: string } }).headers.name, phase: 'origin' })
      refused() {}

      @Get('both')
      @UseGuards(LocalGuard)
      @RateLimit('2/hour', { name: 'before', key: 'user', onMissingKey: 'fallback_ip', phase: 'origin' })
      @RateLimit('1/hour', { name: 'after', key: 'user', onMissingKey: 'block' })
      both() {
        return 'ok';
      }
    }
    const { engine, request, app } = await startApp(platform, { controllers: [Guarded] });
    const as = async (name: string) => (await request('/refused', { headers: { name } })).status;
    expect([await as('ann'), await as('ann'), await as('bob')]).toEqual([403, 429, 403]);
    expect([(await request('/both')).status, (await request('/both')).status, (await request('/both')).status]).toEqual([
      200, 429, 429,
    ]);
    expect((await engine.rateLimits.hits({ route: 'GET:/both' })).items.map(({ caller, policy }) => [policy, caller])).toEqual([
      ['before', 'ip:127.0.0.1'],
      ['after', 'ann'],
    ]);
    await app.close();
  });

  it('asks the option identify who a request is from, and goes on when it fails', async () => {
    @Controller()
    class PerUser {
      @Get('per-user') @RateLimit({ free: '1/hour', pro: '2/hour' }) perUser() {
        return 'ok';
      }
    }
    const { request, app } = await startApp(platform, {
      controllers: [PerUser],
      waygate: {
        identify: (req: { headers: Record<string, string | undefined> }) => {
          if (req.headers['x-name'] === undefined) throw new Error('nobody');
          return { user: req.headers['x-name'], plan: req.headers['x-plan'] ?? null };
        },
      },
    });
    const as = async (headers: Record<string, string>) => (await request('/per-user', { headers })).status;
    expect([await as({ 'x-name': 'a' }), await as({ 'x-name': 'a' }), await as({ 'x-name': 'b' })]).toEqual([200, 429, 200]);
    const pro = { 'x-name': 'c', 'x-plan': 'pro' };
    expect([await as(pro), await as(pro), await as(pro)]).toEqual([200, 200, 429]);
    expect([await as({}), await as({})]).toEqual([200, 200]);
    await app.close();
  });

  @Catch()
  class Envelope implements ExceptionFilter {
    constructor(
      private readonly adapters: HttpAdapterHost,
      private readonly name: string,
    ) {}
    catch(exception: unknown, host: ArgumentsHost) {
      const status = exception instanceof HttpException ? exception.getStatus() : 500;
      const waygate = exception instanceof WaygateException ? exception.block.kind : null;
      this.adapters.httpAdapter.reply(host.switchToHttp().getResponse(), { by: this.name, status, waygate }, status);
    }
  }

  it('lets filters of the app answer, but not for what the app gave an answer to, nor for what must look unknown', async () => {
    @Controller()
    @UseFilters({
      catch: (_: unknown, host: ArgumentsHost) =>
        (host.switchToHttp().getResponse() as { status(code: number): { send(body: object): void } })
          .status(499)
          .send({ by: 'controller' }),
    })
    class OwnFilter {
      @Get('local-blocked') @Disabled() blocked() {}
      @Get('local-gated') @EnvOnly('elsewhere') gated() {}
      @Get('local-answer') @Disabled({ response: 'own answer' }) answer() {}
    }
    const { engine, request, app } = await startApp(platform, {
      controllers: [Answers, OwnFilter],
      module: {
        providers: [
          {
            provide: APP_FILTER,
            useFactory: (adapters: HttpAdapterHost) => new Envelope(adapters, 'global'),
            inject: [HttpAdapterHost],
          },
        ],
      },
    });
    const json = async (path: string) => JSON.parse((await request(path)).text) as unknown;
    expect(await json('/plain')).toEqual({ by: 'global', status: 503, waygate: 'maintenance' });
    expect((await request('/plain')).headers.get('cache-control')).toBe('no-store');
    expect(await json('/local-blocked')).toEqual({ by: 'controller' });
    expect((await request('/text')).text).toBe('plain words');
    expect((await request('/local-answer')).text).toBe('own answer');
    expect(await json('/gated')).toEqual({ by: 'global', status: 404, waygate: null });
    expect(await json('/local-gated')).toEqual(await json('/local-gatex'));
    await engine.maintenance.enable();
    expect(await json('/nowhere')).toEqual({ by: 'global', status: 503, waygate: 'maintenance' });
    await app.close();
  });
});

describe.each(PLATFORMS)('the module, on %s', (platform) => {
  @Controller('manual')
  class Manual {
    @Get('off') @UseWaygate() @Disabled() off() {
      return 'off';
    }
    @Get('unwatched') @Disabled() unwatched() {
      return 'unwatched';
    }
  }

  it('covers only what asks for it when enforced by hand, and leaves unknown paths alone', async () => {
    const { engine, request, app } = await startApp(platform, { controllers: [Manual], waygate: { enforcement: 'manual' } });
    expect([(await request('/manual/off')).status, (await request('/manual/unwatched')).status]).toEqual([503, 200]);
    await engine.maintenance.enable();
    expect([(await request('/manual/off')).status, (await request('/nowhere')).status]).toEqual([503, 404]);
    await app.close();
  });

  it('runs twice in one process over the same controllers, each with its own state', async () => {
    const first = await startApp(platform, { controllers: [Answers] });
    const second = await startApp(platform, { controllers: [Answers] });
    await first.engine.routes.enable('GET:/plain');
    expect([(await first.request('/plain')).status, (await second.request('/plain')).status]).toEqual([200, 503]);
    await first.app.close();
    expect((await second.request('/limited')).status).toBe(200);
    expect((await second.request('/limited')).status).toBe(429);
    await second.app.close();
  });

  it('answers sensibly for a handler that a constructor put together, which no filter of ours can be attached to', async () => {
    @Controller('made')
    class Made {
      constructor() {
        for (const name of ['gated', 'custom'] as const) {
          const own = () => 'own';
          for (const key of Reflect.getMetadataKeys(this[name]) as string[])
            Reflect.defineMetadata(key, Reflect.getMetadata(key, this[name]), own);
          Reflect.deleteMetadata('__exceptionFilters__', own);
          Object.defineProperty(this, name, { value: own });
        }
      }
      @Get('gated') @EnvOnly('elsewhere') gated() {
        return 'gated';
      }
      @Get('custom') @Disabled({ response: 'own answer' }) custom() {
        return 'custom';
      }
    }
    const { request, app } = await startApp(platform, { controllers: [Made] });
    const gated = await request('/made/gated');
    expect([gated.status, gated.text]).toEqual([404, (await request('/made/gatex')).text.replace('gatex', 'gated')]);
    expect((await request('/made/custom')).status).toBe(503);
    await app.close();
  });

  it('lets tests pass by, and puts things back when they fail', async () => {
    const { engine, request, app } = await startApp(platform, { controllers: [Answers] });
    expect(await bypass(engine, { lifecycle: true }, async () => (await request('/plain')).status)).toBe(200);
    expect((await request('/plain')).status).toBe(503);
    await expect(
      bypass(engine, { lifecycle: true, rateLimits: true }, () => {
        throw new Error('test failed');
      }),
    ).rejects.toThrow('test failed');
    expect((await request('/plain')).status).toBe(503);
    await app.close();
  });

  it('ends no request under way when it closes', async () => {
    let started = 0;
    let finish = (): void => undefined;
    const isFinished = new Promise<void>((resolve) => (finish = resolve));
    @Controller()
    class Slow {
      @Get('slow') async slow() {
        started++;
        await isFinished;
        return 'done';
      }
    }
    const { port, app } = await startApp(platform, { controllers: [Slow] });
    const pending = Promise.all(Array.from({ length: 20 }, () => rawRequest(port, '/slow')));
    await expect.poll(() => started, { interval: 5 }).toBe(20);
    const closed = app.close();
    const isOpen = () =>
      rawRequest(port, '/nothing').then(
        () => true,
        () => false,
      );
    await expect.poll(isOpen).toBe(false);
    finish();
    const [statuses] = await Promise.all([pending, closed]);
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200));
  });
});

describe('the module', () => {
  it('is configured asynchronously as well', async () => {
    const testing = await Test.createTestingModule({
      imports: [
        WaygateModule.forRootAsync({ useFactory: async () => ({ environment: 'elsewhere', backend: new MemoryBackend() }) }),
      ],
      controllers: [Answers],
    }).compile();
    await testing.init();
    expect(testing.get(WaygateEngine).environment).toBe('elsewhere');
    await testing.close();
  });

  it('works without HTTP, and in a hybrid app with a microservice', async () => {
    const context = await Test.createTestingModule({ imports: [WaygateModule.forRoot({})] }).compile();
    await context.init();
    await expect(context.get(WaygateEngine).maintenance.enable()).resolves.toMatchObject({ enabled: true });
    await context.close();

    @Controller()
    class Messages {
      @MessagePattern('sum') sum(@Payload() numbers: number[]) {
        return numbers.reduce((total, each) => total + each, 0);
      }
    }
    @Module({ imports: [WaygateModule.forRoot({ environment: 'test' })], controllers: [Answers, Messages] })
    class Hybrid {}
    const app = await NestFactory.create(Hybrid, { logger: false });
    const transport = { transport: Transport.TCP, options: { port: await freePort(), host: '127.0.0.1' } } as const;
    app.connectMicroservice(transport, { inheritAppConfig: true });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    await app.get(WaygateEngine).maintenance.enable();
    expect((await fetch(`${await app.getUrl()}/limited`)).status).toBe(503);
    const client = ClientProxyFactory.create(transport);
    expect(await firstValueFrom(client.send<number>('sum', [1, 2, 3]))).toBe(6);
    client.close();
    await app.close();
  });

  const failing: [string, () => ClassDecorator & MethodDecorator, RegExp][] = [
    [
      '@Maintenance and @ForceActive',
      () => both(Maintenance(), ForceActive()),
      /Wrong\.route \(GET:\/wrong\): forceActive: contradicts 'maintenance'/,
    ],
    [
      '@Disabled and @Maintenance',
      () => both(Disabled(), Maintenance()),
      /Wrong\.route .*maintenance: a route cannot be declared both/,
    ],
    ['@EnvOnly and @ForceActive', () => both(EnvOnly('dev'), ForceActive()), /contradicts 'environments'/],
    ['@RateLimit and @ForceActive', () => both(RateLimit('1/minute'), ForceActive()), /contradicts 'rateLimits'/],
    ['an unreadable date', () => Maintenance({ end: 'tomorrow' }), /Wrong\.route .*maintenance\.end: 'tomorrow' is not a date/],
    ['an end before its start', () => Maintenance({ start: '2026-02-01', end: '2026-01-01' }), /must be after the start/],
    ['an unreadable limit', () => RateLimit('10/min'), /Wrong\.route .*Invalid rate limit string '10\/min'.*plurals\)\.$/],
    ['a limit that is not there', () => RateLimit(undefined as never), /Wrong\.route .*Invalid rate limit string 'undefined'/],
    ['a list in place of tiers', () => RateLimit(['10/minute'] as never), /Wrong\.route .*Invalid rate limit string/],
    [
      'two limits of one name',
      () => both(RateLimit('1/minute', { name: 'a' }), RateLimit('1/hour', { name: 'a' })),
      /names another limit/,
    ],
  ];
  it.each(failing)('does not start with %s, and says where', async (_what, decorate, message) => {
    class Wrong {
      route() {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'route') ?? {};
    Get('wrong')(Wrong.prototype, 'route', descriptor);
    decorate()(Wrong.prototype, 'route', descriptor);
    Controller()(Wrong);
    const testing = await Test.createTestingModule({ imports: [WaygateModule.forRoot({})], controllers: [Wrong] }).compile();
    await expect(testing.createNestApplication({ logger: false }).init()).rejects.toThrow(ConfigurationError);
    await expect(testing.createNestApplication({ logger: false }).init()).rejects.toThrow(message);
  });

  it.each([
    ['enforcement', "must be 'global' or 'manual'"],
    ['envGate', "must be 'not-found' or 'forbidden'"],
    ['headers', "must be 'legacy', 'standard', 'both' or 'none'"],
    ['defaultAlgorithm', 'Use one of fixed_window'],
  ])('does not start with an option %s nobody knows', async (option, message) => {
    const imports = [WaygateModule.forRoot({ [option]: 'leagcy' })];
    const starting = Test.createTestingModule({ imports }).compile();
    await expect(starting).rejects.toThrow(ConfigurationError);
    await expect(starting).rejects.toThrow(message);
  });

  it('does not start with a backend nobody knows', async () => {
    process.env['WAYGATE_BACKEND'] = 'mongo';
    try {
      await expect(Test.createTestingModule({ imports: [WaygateModule.forRoot({})] }).compile()).rejects.toThrow(
        /WAYGATE_BACKEND is 'mongo'/,
      );
    } finally {
      delete process.env['WAYGATE_BACKEND'];
    }
  });
});

function both(
  first: ClassDecorator & MethodDecorator,
  second: ClassDecorator & MethodDecorator,
): ClassDecorator & MethodDecorator {
  return ((...target: Parameters<MethodDecorator>) => {
    second(...target);
    first(...target);
  }) as ClassDecorator & MethodDecorator;
}
