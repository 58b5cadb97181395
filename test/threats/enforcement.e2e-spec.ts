import { All, Controller, Get, Param, Version, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import { connect } from 'node:net';
import { Disabled, RateLimit } from '@waygate/nestjs';
import { afterEach, describe, expect, it } from 'vitest';
import { PLATFORMS, startApp, type RunningApp } from '../support/nest-app.js';

let ran: string[] = [];

@Controller('shop')
class ShopController {
  @Get('off')
  @Disabled({ reason: 'r' })
  off(): void {
    ran.push('off');
  }

  @Get('versions')
  @Version('1')
  @Disabled({ reason: 'r' })
  versions(): void {
    ran.push('versions');
  }

  @Get('items/:id')
  @Disabled({ reason: 'r' })
  item(@Param('id') id: string): void {
    ran.push(`items/${id}`);
  }

  @Get('limited')
  @RateLimit('1/hour')
  limited(): void {
    ran.push('limited');
  }
}

@Controller('any')
class AnyController {
  @All('*')
  @Disabled({ reason: 'r' })
  any(): void {
    ran.push('any');
  }
}

/** Requests as no tidy client sends them. @returns the answer's beginning */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received.slice(0, 200)));
    socket.on('error', reject);
  });
}

const TARGETS = [
  '/shop/off',
  '/shop/off/',
  '//shop/off',
  '/SHOP/OFF',
  '/shop/%6fff',
  '/shop/off;x=1',
  '/shop/off?x',
  '/shop/off#y',
  '/shop/./off',
  '/shop/../shop/off',
  'http://elsewhere/shop/off',
  '/shop/off%00',
  '/shop/off%20',
  '/shop/off%2f',
  '/shop%2foff',
  '/shop//off',
  '/shop/versions',
  '/shop/items/1',
  '/shop/items/%2e%2e',
  '/shop/items/a%2fb',
  '/any/x',
  '/any/%2e%2e/off',
  '/\\shop\\off',
  '*',
];
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'QUERY', 'TRACE', 'PROPFIND'];
const HEADERS = [
  '',
  'X-HTTP-Method-Override: GET',
  'X-Version: 1',
  'X-Version: 2',
  'X-Original-URL: /shop/limited',
  'X-Rewrite-URL: /shop/limited',
  'X-Forwarded-Prefix: /x',
  'X-Forwarded-Host: elsewhere',
];

const ROUTERS: readonly [string, Record<string, unknown>][] = [
  ['as it is', {}],
  [
    'lax in all it can be',
    {
      routerOptions: {
        ignoreTrailingSlash: true,
        ignoreDuplicateSlashes: true,
        caseSensitive: false,
        useSemicolonDelimiter: true,
      },
    },
  ],
];

describe.each(PLATFORMS.flatMap((platform) => ROUTERS.map((router) => [platform, ...router] as const)))(
  'on %s, with a router %s,',
  (platform, _how, adapter) => {
    let running: RunningApp;

    afterEach(async () => {
      await running.app.close();
      ran = [];
    });

    const start = async () =>
      (running = await startApp(platform, {
        controllers: [ShopController, AnyController],
        adapter: platform === 'fastify' ? adapter : {},
        configure: (app) => {
          app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version', defaultVersion: VERSION_NEUTRAL });
          app.enableCors();
        },
      }));

    it('no spelling, method or header reaches a handler that is switched off, and none makes anything fail', async () => {
      await start();
      const failed: string[] = [];
      for (const target of TARGETS)
        for (const method of METHODS)
          for (const header of HEADERS) {
            const lines = [`${method} ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...(header === '' ? [] : [header])];
            const answer = await send(running.port, `${lines.join('\r\n')}\r\n\r\n`);
            if (answer.startsWith('HTTP/1.1 500') || answer === '') failed.push(`${lines.join(' | ')}: ${answer}`);
          }
      expect(ran).toEqual([]);
      expect(failed).toEqual([]);
      // They would run otherwise.
      running.engine.setBypass({ lifecycle: true });
      for (const target of ['/shop/off', '/any/x', '/shop/items/1']) await running.request(target);
      expect(ran).toEqual(['off', 'any', 'items/1']);
    });

    it('no header makes one caller count as several', async () => {
      await start();
      const names = [
        'x-forwarded-for',
        'forwarded',
        'x-real-ip',
        'cf-connecting-ip',
        'true-client-ip',
        'x-client-ip',
        'x-user-id',
      ];
      const statuses: number[] = [];
      for (const [index, name] of ['x-none', ...names].entries())
        statuses.push((await running.request('/shop/limited', { headers: { [name]: `192.0.2.${index}` } })).status);
      for (const path of ['/shop/limited/', '/SHOP/limited', '/shop/%6cimited', '/shop/limited?x=1'])
        statuses.push((await running.request(path)).status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(ran).toEqual(['limited']);
    });
  },
);
