import {
  Body,
  CanActivate,
  Catch,
  Controller,
  ExceptionFilter,
  ExecutionContext,
  Get,
  Header,
  HttpCode,
  Inject,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import {
  BooleanFlag,
  FlagContext,
  FlagDetails,
  InjectFlags,
  NumberFlag,
  ObjectFlag,
  RateLimit,
  RequireFlag,
  RouteVariant,
  StringFlag,
  UseWaygate,
  WaygateResponse,
  type FlagClient,
  type FlagInput,
  type FlagValue,
  type OpenFeatureDetails,
  type WaygateEngine,
} from '@waygate/nestjs';
import { overrideFlags } from '@waygate/nestjs/testing';
import { map, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { PLATFORMS, startApp, type PlatformName, type RunningApp, type StartOptions } from '../support/nest-app.js';

type Request = { headers: Record<string, string | undefined>; user?: { id: string; plan: string } };

/** Authentication as apps have it: only guards know the user. */
@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const { 'x-user': id, 'x-plan': plan = 'free' } = request.headers;
    if (id !== undefined) request.user = { id, plan };
    return true;
  }
}

const contextOf = ({ user }: Request) => (user === undefined ? {} : { targetingKey: user.id, plan: user.plan });

const ON_OFF = [
  { name: 'on', value: true },
  { name: 'off', value: false },
] as const;

function proFlag(key: string): FlagInput {
  return {
    key,
    type: 'boolean',
    variations: ON_OFF,
    offVariation: 'off',
    fallthrough: 'off',
    rules: [{ clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }], variation: 'on' }],
  };
}

let running: RunningApp | undefined;
afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

async function start(platform: PlatformName, options: StartOptions): Promise<RunningApp> {
  running = await startApp(platform, {
    ...options,
    waygate: { context: contextOf, ...options.waygate },
    module: { ...options.module, providers: [{ provide: APP_GUARD, useClass: UserGuard }, ...(options.module?.providers ?? [])] },
  });
  return running;
}

const PRO = { headers: { 'x-user': 'ann', 'x-plan': 'pro' } };
const FREE = { headers: { 'x-user': 'bob' } };
const json = (text: string): unknown => JSON.parse(text);

@Injectable()
class Pricing {
  constructor(@InjectFlags() private readonly flags: FlagClient) {}

  async price(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return (await this.flags.getBooleanValue('new-pricing', false)) ? 'new' : 'old';
  }
}

@Controller('values')
class ValuesController {
  constructor(
    private readonly pricing: Pricing,
    private readonly context: FlagContext,
  ) {}

  @Get()
  all(
    @BooleanFlag('bool', false) bool: boolean,
    @StringFlag('text', 'none') text: string,
    @NumberFlag('count', -1) count: number,
    @ObjectFlag('shape', {}) shape: object,
    @FlagDetails('bool', false) details: OpenFeatureDetails<boolean>,
    @BooleanFlag('text', true) wrong: boolean,
    @StringFlag('unknown', 'default') unknown: string,
  ): object {
    return { bool, text, count, shape, details, wrong, unknown };
  }

  @Post('service')
  @HttpCode(200)
  async service(@Body() body: object): Promise<object> {
    return { price: await this.pricing.price(), key: this.context.get()?.targetingKey ?? null, body };
  }
}

async function saveValues(engine: WaygateEngine): Promise<void> {
  await engine.flags.save(proFlag('bool'));
  await engine.flags.save(proFlag('new-pricing'));
  const base = { offVariation: 'a', fallthrough: 'b' } as const;
  const two = (a: FlagValue, b: FlagValue) => [
    { name: 'a', value: a },
    { name: 'b', value: b },
  ];
  await engine.flags.save({ key: 'text', type: 'string', variations: two('x', 'y'), ...base });
  await engine.flags.save({ key: 'count', type: 'integer', variations: two(1, 2), ...base });
  await engine.flags.save({ key: 'shape', type: 'json', variations: two({ a: 1 }, { b: [2] }), ...base });
}

describe.each(PLATFORMS)('flags in handlers on %s', (platform) => {
  it('gives parameters the values of flags for whoever the guards found the caller to be', async () => {
    const { engine, request } = await start(platform, { controllers: [ValuesController], module: { providers: [Pricing] } });
    await saveValues(engine);
    const pro = json((await request('/values', PRO)).text);
    expect(pro).toMatchObject({ bool: true, text: 'y', count: 2, shape: { b: [2] }, wrong: true, unknown: 'default' });
    expect(pro).toMatchObject({ details: { value: true, variant: 'on', reason: 'TARGETING_MATCH', flagKey: 'bool' } });
    expect(json((await request('/values', FREE)).text)).toMatchObject({ bool: false, details: { reason: 'DEFAULT' } });
    expect(json((await request('/values')).text)).toMatchObject({ bool: false });
  });

  it('lets services know the context of the request, each its own, after a body was read and after waiting', async () => {
    const { engine, request } = await start(platform, { controllers: [ValuesController], module: { providers: [Pricing] } });
    await saveValues(engine);
    const body = JSON.stringify({ text: 'x'.repeat(100_000) });
    const post = (headers: Record<string, string>) =>
      request('/values/service', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post({ 'x-user': `user-${i}`, 'x-plan': i % 2 === 0 ? 'pro' : 'free' })),
    );
    answers.forEach(({ text }, i) => expect(json(text)).toMatchObject({ price: i % 2 === 0 ? 'new' : 'old', key: `user-${i}` }));
  });

  it('makes the context once, when it is first asked for, and anew after the guards', async () => {
    const calls: string[] = [];
    const context = (request: Request & { url: string }) => {
      calls.push(request.user === undefined ? 'nobody' : request.user.id);
      return contextOf(request);
    };

    @Injectable()
    class EarlyGuard implements CanActivate {
      constructor(private readonly flags: FlagContext) {}
      canActivate(): boolean {
        this.flags.get();
        this.flags.get();
        return true;
      }
    }
    @Controller()
    class TestController {
      @Get('early')
      @UseGuards(UserGuard)
      early(@BooleanFlag('bool', false) bool: boolean, @StringFlag('text', '') text: string): object {
        return { bool, text };
      }
      @Get('none')
      none(): string {
        return 'none';
      }
    }
    running = await startApp(platform, {
      controllers: [TestController],
      waygate: { context },
      module: { providers: [{ provide: APP_GUARD, useClass: EarlyGuard }] },
    });
    await saveValues(running.engine);
    expect(json((await running.request('/early', PRO)).text)).toEqual({ bool: true, text: 'y' });
    expect(calls).toEqual(['nobody', 'ann']);
  });

  it('evaluates without a context when the option fails, and when there is none', async () => {
    const broken = await start(platform, {
      controllers: [ValuesController],
      module: { providers: [Pricing] },
      waygate: {
        context: () => {
          throw new Error('no user');
        },
      },
    });
    await saveValues(broken.engine);
    expect(json((await broken.request('/values', PRO)).text)).toMatchObject({ bool: false, text: 'y' });
    await broken.app.close();
    const without = await startApp(platform, { controllers: [ValuesController], module: { providers: [Pricing] } });
    running = without;
    await saveValues(without.engine);
    expect(json((await without.request('/values', PRO)).text)).toMatchObject({ bool: false, text: 'y' });
    expect(json((await without.request('/values/service', { method: 'POST' })).text)).toMatchObject({ price: 'old', key: null });
  });

  it('merges contexts as the specification says: the request, then the client, then the call', async () => {
    @Controller()
    class TestController {
      constructor(@InjectFlags() private readonly flags: FlagClient) {}
      @Get('merge')
      async merge(@BooleanFlag('bool', false) parameter: boolean): Promise<object> {
        const client = await this.flags.getBooleanValue('bool', false);
        const invocation = await this.flags.getBooleanValue('bool', false, { plan: 'free' });
        return { parameter, client, invocation };
      }
    }
    const { engine, request } = await start(platform, { controllers: [TestController] });
    await saveValues(engine);
    expect(json((await request('/merge', FREE)).text)).toEqual({ parameter: false, client: false, invocation: false });
    engine.flagClient.setContext({ plan: 'pro' });
    expect(json((await request('/merge', FREE)).text)).toEqual({ parameter: true, client: true, invocation: false });
  });

  it('runs hooks for parameters as for the client', async () => {
    const { engine, request } = await start(platform, { controllers: [ValuesController], module: { providers: [Pricing] } });
    await saveValues(engine);
    const seen: string[] = [];
    engine.flagClient.addHooks({
      after: ({ flagKey, context }) => void seen.push(`${flagKey} ${JSON.stringify(context['plan'])}`),
    });
    await request('/values', PRO);
    expect(seen).toContain('bool "pro"');
  });

  it('takes overrides of tests', async () => {
    const { engine, request } = await start(platform, { controllers: [ValuesController], module: { providers: [Pricing] } });
    engine.flagClient.setContext({});
    const inside = await overrideFlags(engine, { bool: true, text: 'z' }, async () => engine.sync.flags.boolean('bool', false));
    expect(inside).toBe(true);
    expect(json((await request('/values')).text)).toMatchObject({ bool: false });
  });
});

const teapot = WaygateResponse.json({ error: 'upgrade' }, { status: 402 });

@Controller('gated')
class GatedController {
  @Get('beta')
  @RequireFlag('beta')
  @RateLimit('100/minute')
  beta(): string {
    return 'beta';
  }

  @Get('plan')
  @RequireFlag('theme', { value: 'dark', otherwise: teapot })
  plan(): string {
    return 'dark';
  }

  @Get('function')
  @RequireFlag('theme', { value: 'dark', otherwise: ({ block, route }) => ({ route, kind: block.kind }) })
  function(): string {
    return 'dark';
  }
}

@Controller('class')
@RequireFlag('beta')
class GatedClassController {
  @Get('one')
  one(): string {
    return 'one';
  }

  @Get('two')
  @RequireFlag('unknown-flag')
  two(): string {
    return 'two';
  }
}

describe.each(PLATFORMS)('@RequireFlag on %s', (platform) => {
  const gated = async (options: StartOptions = {}) => {
    const started = await start(platform, { controllers: [GatedController, GatedClassController], ...options });
    await started.engine.flags.save(proFlag('beta'));
    return started;
  };

  it('lets only those callers through whose flag says so, known by their guards', async () => {
    const { request } = await gated();
    expect((await request('/gated/beta', PRO)).status).toBe(200);
    expect((await request('/gated/beta', FREE)).status).toBe(404);
    expect((await request('/class/one', PRO)).text).toBe('one');
    expect((await request('/class/one', FREE)).status).toBe(404);
    expect((await request('/class/two', PRO)).status).toBe(404);
  });

  it('answers others byte for byte as an unknown path, whatever was said before', async () => {
    const { request, engine } = await gated();
    await engine.rateLimits.global.set({ limit: '100/minute' });
    const refused = await request('/gated/beta', FREE);
    const unknown = await request('/gated/nope', FREE);
    expect(refused.text.replace('beta', 'nope')).toBe(unknown.text);
    const headersOf = ({ headers }: typeof refused) =>
      [...headers].filter(([name]) => !['date', 'etag', 'content-length'].includes(name));
    expect(headersOf(refused)).toEqual(headersOf(unknown));
    expect(refused.status).toBe(unknown.status);
  });

  it('answers with what the decorator gives', async () => {
    const { request } = await gated();
    const refused = await request('/gated/plan', FREE);
    expect([refused.status, json(refused.text)]).toEqual([402, { error: 'upgrade' }]);
    const made = await request('/gated/function', FREE);
    expect([made.status, json(made.text)]).toEqual([404, { route: 'GET:/gated/function', kind: 'flag' }]);
    expect(made.headers.get('cache-control')).toBe('no-store');
  });

  it('follows the flag while the app runs', async () => {
    const { request, engine } = await gated();
    expect((await request('/gated/beta', FREE)).status).toBe(404);
    await engine.flags.patch('beta', { fallthrough: 'on' });
    expect((await request('/gated/beta', FREE)).status).toBe(200);
    await engine.flags.delete('beta');
    expect((await request('/gated/beta', PRO)).status).toBe(404);
  });

  it('holds with manual enforcement too', async () => {
    const { request } = await gated({ waygate: { enforcement: 'manual' } });
    expect((await request('/gated/beta', PRO)).status).toBe(200);
    expect((await request('/gated/beta', FREE)).status).toBe(404);
  });
});

const Roles = (role: string) => SetMetadata('role', role);

@Injectable()
class RolesGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<string | undefined>('role', context.getHandler());
    return role === undefined || context.switchToHttp().getRequest<Request>().headers['x-role'] === role;
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => ({ by: context.getHandler().name, value })));
  }
}

class Broken extends Error {}

@Catch(Broken)
class BrokenFilter implements ExceptionFilter<Broken> {
  catch(_error: Broken, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: unknown): void } }>();
    response.status(418).send({ caught: true });
  }
}

@Controller('shop')
@UseInterceptors(Wrap)
class ShopController {
  @Post('checkout/:id')
  @RateLimit('1000/minute')
  checkout(@Param('id') id: string): object {
    return { old: id };
  }

  @Post('checkout/:id')
  @RouteVariant('new-checkout', 'on')
  @HttpCode(202)
  @Header('x-checkout', 'new')
  @Roles('buyer')
  newCheckout(
    @Param('id', ParseIntPipe) id: number,
    @Body() body: { items?: number },
    @BooleanFlag('bool', false) bool: boolean,
  ): object {
    return { new: id, items: body.items ?? 0, bool };
  }

  @Get('report')
  report(): string {
    return 'plain';
  }

  @Get('report')
  @RouteVariant('report', 'broken')
  @UseFilters(BrokenFilter)
  brokenReport(): string {
    throw new Broken();
  }

  @Get('report')
  @RouteVariant('report', 'slow')
  async slowReport(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return 'slow';
  }
}

describe.each(PLATFORMS)('@RouteVariant on %s', (platform) => {
  const shop = async (options: StartOptions = {}) => {
    const started = await start(platform, {
      controllers: [ShopController],
      ...options,
      module: { providers: [{ provide: APP_GUARD, useClass: RolesGuard }] },
    });
    const { engine } = started;
    await engine.flags.save(proFlag('new-checkout'));
    await engine.flags.save({
      key: 'report',
      type: 'string',
      variations: [
        { name: 'plain', value: 'plain' },
        { name: 'broken', value: 'broken' },
        { name: 'slow', value: 'slow' },
      ],
      offVariation: 'plain',
      fallthrough: 'plain',
    });
    return started;
  };
  const post = (headers: Record<string, string>, items = 3) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ items }),
  });
  const buyer = { ...PRO.headers, 'x-role': 'buyer' };

  it('serves the handler that the flag says, with its own parameters, pipes, status and headers', async () => {
    const { request } = await shop();
    const old = await request('/shop/checkout/7', post(FREE.headers));
    expect([old.status, json(old.text)]).toEqual([201, { by: 'checkout', value: { old: '7' } }]);
    const fresh = await request('/shop/checkout/7', post(buyer));
    expect(json(fresh.text)).toEqual({ by: 'newCheckout', value: { new: 7, items: 3, bool: false } });
    expect([fresh.status, fresh.headers.get('x-checkout')]).toEqual([202, 'new']);
    expect((await request('/shop/checkout/x', post(buyer))).status).toBe(400);
  });

  it('asks the guards for what is said on the variant', async () => {
    const { request } = await shop();
    expect((await request('/shop/checkout/7', post(PRO.headers))).status).toBe(403);
  });

  it('uses the filters of the variant, and chooses among several', async () => {
    const { request, engine } = await shop();
    expect(json((await request('/shop/report')).text)).toEqual({ by: 'report', value: 'plain' });
    await engine.flags.patch('report', { fallthrough: 'broken' });
    const broken = await request('/shop/report');
    expect([broken.status, json(broken.text)]).toEqual([418, { caught: true }]);
    await engine.flags.patch('report', { fallthrough: 'slow' });
    expect(json((await request('/shop/report')).text)).toEqual({ by: 'slowReport', value: 'slow' });
    expect((await request('/shop/report', { method: 'HEAD' })).status).toBe(200);
  });

  it('is one route to state, limits and documentation', async () => {
    const { request, engine, app } = await shop();
    const keys = engine.sync.routes.list().map(({ key }) => key);
    expect(keys.toSorted()).toEqual(['GET:/shop/report', 'POST:/shop/checkout/:id']);
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(document.paths['/shop/checkout/{id}']?.post?.operationId).toBe('ShopController_checkout');
    await engine.rateLimits.set('POST:/shop/checkout/:id', { limit: '3/minute' });
    const statuses: [number, string | null][] = [];
    for (const headers of [buyer, FREE.headers, buyer, buyer, FREE.headers]) {
      const { status, headers: told } = await request('/shop/checkout/7', post(headers));
      statuses.push([status, told.get('x-ratelimit-remaining')]);
    }
    expect(statuses).toEqual([
      [202, '2'],
      [201, '1'],
      [202, '0'],
      [429, '0'],
      [429, '0'],
    ]);
    await engine.routes.disable('POST:/shop/checkout/:id');
    expect((await request('/shop/checkout/7', post(buyer))).status).toBe(503);
  });

  it('works below a prefix and a version, and twice in one process', async () => {
    const configure: NonNullable<StartOptions['configure']> = (app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    };
    const first = await shop({ configure });
    expect((await first.request('/api/v1/shop/checkout/7', post(buyer))).status).toBe(202);
    const second = await startApp(platform, { controllers: [ShopController] });
    try {
      expect((await second.request('/shop/checkout/7', post(buyer))).status).toBe(201);
      expect((await first.request('/api/v1/shop/checkout/7', post(buyer))).status).toBe(202);
    } finally {
      await second.app.close();
    }
  });

  it('works in controllers made for each request, and with versions in headers', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Counter {
      count = 0;
    }
    @Controller({ path: 'scoped', version: '2' })
    class ScopedController {
      constructor(private readonly counter: Counter) {}
      @Get()
      get(): string {
        return `old ${++this.counter.count}`;
      }
      @Get()
      @RouteVariant('new-checkout', 'on')
      fresh(): string {
        return `new ${++this.counter.count}`;
      }
    }
    const configure: NonNullable<StartOptions['configure']> = (app) =>
      void app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    running = undefined;
    const { request, engine } = await start(platform, {
      controllers: [ScopedController],
      configure,
      module: { providers: [Counter] },
    });
    await engine.flags.save(proFlag('new-checkout'));
    for (const [caller, expected] of [
      [PRO, 'new 1'],
      [FREE, 'old 1'],
      [PRO, 'new 1'],
    ] as const) {
      expect((await request('/scoped', { headers: { ...caller.headers, 'x-version': '2' } })).text).toBe(expected);
    }
  });

  it('refuses a variant of nothing when the app starts', async () => {
    @Controller()
    class LonelyController {
      @Get('lonely')
      @RouteVariant('flag', 'on')
      lonely(): string {
        return '';
      }
    }
    await expect(startApp(platform, { controllers: [LonelyController] })).rejects.toThrow(
      /LonelyController\.lonely \(GET:\/lonely\): no other handler/,
    );
  });

  it('covers controllers with @UseWaygate only where enforcement is manual', async () => {
    @Controller()
    class ManualController {
      @Get('manual')
      @UseWaygate()
      old(): string {
        return 'old';
      }
      @Get('manual')
      @UseWaygate()
      @RouteVariant('new-checkout', 'on')
      fresh(): string {
        return 'new';
      }
    }
    const { request, engine } = await start(platform, { controllers: [ManualController], waygate: { enforcement: 'manual' } });
    await engine.flags.save(proFlag('new-checkout'));
    expect((await request('/manual', PRO)).text).toBe('new');
    expect((await request('/manual', FREE)).text).toBe('old');
    await engine.routes.disable('GET:/manual');
    expect((await request('/manual', PRO)).status).toBe(503);
  });
});
