import { Body, Controller, Get, Post, type INestApplication } from '@nestjs/common';
import { ApiProperty, ApiTags, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Deprecated, Disabled, EnvOnly, ForceActive, Maintenance, RateLimit, type WaygateEngine } from '@waygate/nestjs';
import { WaygateSwagger } from '@waygate/nestjs/swagger';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, patientPage } from '../support/chromium.js';
import { PLATFORMS, startApp, type PlatformName, type RunningApp } from '../support/nest-app.js';

class Inner {
  @ApiProperty({ type: String }) name!: string;
}
class OnlyHere {
  @ApiProperty({ type: Inner }) inner!: Inner;
}
class Shared {
  @ApiProperty({ type: String }) id!: string;
}

@ApiTags('shop')
@Controller()
class Shop {
  @Get('free/:id') free() {}
  @Post('shared') shared(@Body() _body: Shared) {}
  @Get('payments') @Maintenance({ reason: 'moving the *ledger*', end: '2099-01-01T00:00:00Z' }) payments() {}
  @Get('old') @Deprecated({ since: '2026-01-01', sunset: '2027-01-01', successor: '/new' }) old() {}
  @Get('limited') @RateLimit('1/minute') limited() {}
  @Get('always') @ForceActive() always() {}
}
@ApiTags('hidden')
@Controller()
class Hidden {
  @Post('off') @Disabled() off(@Body() _body: OnlyHere) {}
  @Get('gated') @EnvOnly('elsewhere') gated() {}
}

function documentOf(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Test')
    .setDescription('d')
    .setVersion('1')
    .addTag('shop')
    .addTag('hidden')
    .build();
  return SwaggerModule.createDocument(app, config);
}

function start(platform: PlatformName, prefix = ''): Promise<RunningApp> {
  return startApp(platform, {
    controllers: [Shop, Hidden],
    configure: (app) => {
      if (prefix !== '') app.setGlobalPrefix(prefix);
      // What a strict site sends; Swagger UI itself needs inline styles and data images.
      app.use((_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
        response.setHeader(
          'Content-Security-Policy',
          "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
        );
        next();
      });
      WaygateSwagger.setup('docs', app, documentOf(app), { useGlobalPrefix: prefix !== '' });
    },
  });
}

describe.each(PLATFORMS)('the document on %s', (platform) => {
  it('follows the state of the app', async () => {
    const { engine, request, app } = await start(platform);
    const read = async () => JSON.parse((await request('/docs-json')).text) as OpenAPIObject;
    const first = await read();
    expect(Object.keys(first.paths).toSorted()).toEqual(['/always', '/free/{id}', '/limited', '/old', '/payments', '/shared']);
    expect(Object.keys(first.components?.schemas ?? {}).toSorted()).toEqual(['Shared', 'WaygateBlocked']);
    expect(first.tags?.map(({ name }) => name)).toEqual(['shop']);
    expect(first.info).toMatchObject({ 'x-waygate-global-maintenance': { enabled: false } });
    expect(first.paths['/payments']?.get).toMatchObject({
      'x-waygate-status': 'maintenance',
      'x-waygate-reason': 'moving the *ledger*',
      'x-waygate-until': '2099-01-01T00:00:00.000Z',
      description: String.raw`> 🔧 **In maintenance.** moving the \*ledger\* Expected back 2099-01-01 00:00 UTC.`,
    });
    expect(first.paths['/old']?.get).toMatchObject({
      deprecated: true,
      'x-waygate-successor': '/new',
      'x-waygate-sunset': '2027-01-01T00:00:00.000Z',
    });
    const codes = (path: string) => Object.keys(first.paths[path]?.get?.responses ?? {});
    expect([codes('/free/{id}'), codes('/limited'), codes('/always')]).toEqual([['200', '503'], ['200', '429', '503'], ['200']]);

    await engine.routes.enable('/off');
    await engine.routes.disable('/free/:id');
    await engine.maintenance.enable({ reason: 'all', exempt: ['/old'] });
    const second = await read();
    expect(Object.keys(second.components?.schemas ?? {}).toSorted()).toEqual(['Inner', 'OnlyHere', 'Shared', 'WaygateBlocked']);
    expect(second.tags?.map(({ name }) => name)).toEqual(['shop', 'hidden']);
    expect(Object.keys(second.paths)).not.toContain('/gated');
    expect(Object.keys(second.paths)).not.toContain('/free/{id}');
    expect(second.info).toMatchObject({
      'x-waygate-global-maintenance': { enabled: true, reason: 'all', exempt_paths: ['/old'] },
    });
    expect(second.paths['/off']?.post).toMatchObject({ 'x-waygate-status': 'maintenance', 'x-waygate-reason': 'all' });
    expect(second.paths['/old']?.get).not.toMatchObject({ 'x-waygate-status': 'maintenance' });
    expect((await request('/docs-yaml')).text).toContain('x-waygate-status: maintenance');
    await app.close();
  });

  it('is found under a global prefix', async () => {
    const { request, app } = await start(platform, 'api');
    const document = JSON.parse((await request('/api/docs-json')).text) as OpenAPIObject;
    expect(Object.keys(document.paths)).toContain('/api/payments');
    expect(Object.keys(document.paths)).not.toContain('/api/off');
    for (const path of ['/api/docs/waygate.js', '/api/docs/docs/waygate.css']) expect((await request(path)).status).toBe(200);
    await app.close();
  });

  it('is made once a change, not once a request, and never changes what it is made from', async () => {
    let original: OpenAPIObject | undefined;
    const live: unknown[] = [];
    const { engine, request, app } = await startApp(platform, {
      controllers: [Shop, Hidden],
      configure: (nest) => {
        original = documentOf(nest);
        WaygateSwagger.setup('docs', nest, original, {
          patchDocumentOnRequest: (_request: unknown, _response: unknown, document: OpenAPIObject) => (
            live.push(document),
            document
          ),
        });
      },
    });
    const before = JSON.stringify(original);
    for (let i = 0; i < 3; i++) await request('/docs-json');
    await engine.routes.disable('/old');
    for (let i = 0; i < 3; i++) await request('/docs-json');
    expect(new Set(live).size).toBe(2);
    expect(JSON.stringify(original)).toBe(before);
    await app.close();
  });

  it('is told by a stream that ends when the app closes', async () => {
    const { engine, url, app } = await start(platform);
    const response = await fetch(`${url}/docs/waygate/events`);
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let received = '';
    const until = async (text: string) => {
      while (!received.includes(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended before ${text}`);
        received += decoder.decode(value);
      }
    };
    await until('"reason":"moving the *ledger*"');
    await engine.maintenance.enable({ reason: 'told' });
    await until('"reason":"told"');
    const started = Date.now();
    await app.close();
    expect(Date.now() - started).toBeLessThan(5_000);
    await expect(reader.read()).resolves.toMatchObject({ done: true });
  });
});

describe.each(PLATFORMS)('Swagger UI on %s', (platform) => {
  let browser: Browser;
  let running: RunningApp;
  let page: Page;
  let engine: WaygateEngine;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    running = await start(platform);
    engine = running.engine;
    page = await patientPage(browser);
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('dialog', (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${running.url}/docs`);
    await page.waitForSelector('.opblock');
  });
  afterAll(async () => {
    await browser?.close();
    await running?.app.close();
  });

  const operation = (path: string) => page.locator(`.opblock:has([data-path="${path}"])`);
  const mark = (path: string) => operation(path).locator('.opblock-summary-control').getAttribute('data-waygate');

  it('marks operations in maintenance and leaves hidden ones out', async () => {
    await expect.poll(() => mark('/payments')).toBe('maintenance');
    expect(await mark('/shared')).toBeNull();
    await expect.poll(() => operation('/off').count()).toBe(0);
    await expect.poll(() => page.locator('.waygate-chip').textContent()).toBe('1 operation in maintenance');
  });

  it('follows changes without a reload', async () => {
    await page.evaluate(() => ((globalThis as { sameLife?: boolean }).sameLife = true));
    await engine.routes.enable('/payments');
    await engine.routes.enable('/off');
    await expect.poll(() => page.locator('.waygate-chip').textContent()).toBe('All operational');
    await expect.poll(() => mark('/payments')).toBeNull();
    await expect.poll(() => operation('/off').count()).toBe(1);
    await engine.routes.disable('/shared');
    await expect.poll(() => operation('/shared').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as { sameLife?: boolean }).sameLife)).toBe(true);
  });

  it('shows a banner during global maintenance, and runs nothing that stands in a reason', async () => {
    const reason = `<img src=x onerror=alert(1)><script>alert(2)</script> "'>{{7*7}}`;
    await engine.maintenance.enable({ reason, exempt: ['/old', 'GET:/limited'] });
    const banner = page.locator('.waygate-banner');
    await expect.poll(() => banner.isVisible()).toBe(true);
    await expect.poll(() => banner.locator('.waygate-reason').textContent()).toBe(reason);
    await expect.poll(() => banner.locator('code').allTextContents()).toEqual(['/old', 'GET:/limited']);
    await expect.poll(() => mark('/free/{id}')).toBe('maintenance');
    await expect.poll(() => operation('/gated').count()).toBe(0);
    await operation('/free/{id}').locator('.opblock-summary-control').click();
    await expect.poll(() => operation('/free/{id}').locator('.opblock-description').textContent()).toContain('In maintenance.');
    await engine.maintenance.disable();
    await expect.poll(() => banner.isVisible()).toBe(false);
    expect(await operation('/free/{id}').locator('.opblock-body').count()).toBe(1);
  });

  it('breaks no strict content security policy and raises no error', () => {
    expect(problems).toEqual([]);
  });
});
