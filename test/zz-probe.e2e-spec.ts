import { Controller, Get, Post, All, Head, Version, VersioningType, Module, Param } from '@nestjs/common';
import { connect } from 'node:net';
import { Disabled, MemoryBackend, RateLimit } from '@waygate/nestjs';
import { describe, expect, it } from 'vitest';
import { startAdmin } from './support/admin-app.js';
import { PLATFORMS, startApp } from './support/nest-app.js';

function raw(port: number, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    let text = '';
    socket.on('data', (c) => (text += c.toString('latin1')));
    socket.on('end', () => resolve(text));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    setTimeout(() => { socket.destroy(); resolve(text); }, 1500);
  });
}
let ran = 0;
@Controller('shop')
class Shop {
  @Get('off') @Disabled({ reason: 'x' }) off() { ran++; return 'RAN'; }
  @Get('v') @Version('1') @Disabled({ reason: 'x' }) v1() { ran++; return 'RAN'; }
  @All('any/*') @Disabled({ reason: 'x' }) any() { ran++; return 'RAN'; }
  @Get('items/:id') @Disabled({ reason: 'x' }) item(@Param('id') _id: string) { ran++; return 'RAN'; }
  @Get('lim') @RateLimit('1/hour') lim() { return 'ok'; }
}
describe.each(PLATFORMS)('%s', (platform) => {
  it('bypass', async () => {
    const app = await startApp(platform, { controllers: [Shop], configure: (a) => { a.enableVersioning({ type: VersioningType.HEADER, header: 'x-v', defaultVersion: '1' }); a.enableCors(); } , adapter: platform === 'fastify' ? { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false, useSemicolonDelimiter: true } } : {} });
    const targets = ['/shop/off', '/shop/off/', '//shop/off', '/SHOP/OFF', '/shop/%6fff', '/shop/off;x=1', '/shop/off?x', '/shop/off#y', '/shop/./off', '/shop/../shop/off', 'http://evil/shop/off', '/shop/off%00', '/shop/off%20', '/shop/off%2f', '/shop//off', '/shop/v', '/shop/any/x', '/shop/any/%2e%2e/off', '/shop/items/1', '/shop/items/%2e%2e', '/shop/items/a%2fb', '/\\shop\\off', '*'];
    const out: string[] = [];
    for (const t of targets) for (const m of ['GET', 'HEAD', 'OPTIONS', 'POST', 'QUERY', 'get', 'TRACE', 'PROPFIND']) for (const h of ['', 'X-HTTP-Method-Override: GET\r\n', 'x-v: 1\r\n', 'x-v: 2\r\n', 'X-Original-URL: /shop/lim\r\n', 'X-Forwarded-Prefix: /x\r\n']) {
      const before = ran;
      const r = await raw(app.port, `${m} ${t} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${h}\r\n`);
      if (ran !== before || r.includes('RAN')) out.push(`${m} ${t} ${h}: ${r.slice(0, 40)}`);
      if (/ 500 /.test(r.slice(0, 20))) out.push(`500 ${m} ${t} ${h} ${r.slice(-200)}`);
    }
    const lim: number[] = [];
    for (const h of [{}, { 'x-forwarded-for': '1.1.1.1' }, { forwarded: 'for=2.2.2.2' }, { 'x-real-ip': '3.3.3.3' }, { 'cf-connecting-ip': '4.4.4.4' }, { 'x-client-ip': '4.4.4.5' }]) lim.push((await app.request('/shop/lim', { headers: { ...h, 'x-v': '1' } })).status);
    console.log(platform, out, lim);
    await app.app.close();
  }, 120000);

  it('cors', async () => {
    const a = await startAdmin(platform, { admin: { auth: 'none' }, configure: (x) => x.enableCors({ origin: true, credentials: true, allowedHeaders: ['x-waygate-token', 'content-type'] }) });
    const pre = await a.request('/waygate/api/global/enable', { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-waygate-token' } });
    const post = await a.request('/waygate/api/global/enable', { method: 'POST', body: '{"reason":"x"}', headers: { origin: 'https://evil.example', 'x-waygate-token': 'x' } });
    const get = await a.request('/waygate/api/routes', { headers: { origin: 'https://evil.example' } });
    console.log(platform, 'preflight', pre.status, pre.headers.get('access-control-allow-origin'), 'post', post.status, 'get', get.status, get.headers.get('access-control-allow-origin'));
    const rebinding = await raw(a.port, 'POST /waygate/api/global/enable HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}');
    console.log('rebinding', rebinding.slice(0, 30));
    await a.app.close();
  });

  it('bodies', async () => {
    const a = await startAdmin(platform);
    const t = await a.signIn();
    const deep = '['.repeat(120_000);
    const bodies: [string, string][] = [['deep', deep], ['deepobj', '{"a":'.repeat(40_000)], ['deepok', '{"a":'.repeat(40_000) + '1' + '}'.repeat(40_000)], ['deeparr', '[' .repeat(100_000) + ']'.repeat(100_000)]];
    for (const [n, b] of bodies) for (const p of ['/api/auth/login', '/api/rate-limits', '/api/sdk/audit', '/api/sdk/register', '/api/sdk/commit', '/api/flags', '/ofrep/v1/evaluate/flags', '/api/explain', '/api/segments', '/login', '/flags/new']) {
      const r = await a.call('POST', p, b, p.includes('login') ? {} : t);
      if (r.status >= 500) console.log(platform, n, p, r.status, r.text.slice(0, 100));
    }
    const gz = await a.call('POST', '/api/global/enable', 'x', { ...t, 'content-encoding': 'gzip' });
    console.log('gzip', gz.status, gz.text);
    const r = await raw(a.port, `GET /waygate/assets/..%2f..%2fpackage.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    console.log('asset', r.slice(0, 30));
    const r2 = await raw(a.port, `GET /waygate/assets/__proto__ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    console.log('asset proto', r2.slice(0, 30));
    const r3 = await a.request('/waygate/login?error=' + encodeURIComponent('<script>alert(1)</script>"\'><img src=x onerror=alert(1)>'));
    console.log('login error', r3.status, r3.text.includes('<script>alert'), r3.headers.get('content-security-policy'));
    const r4 = await a.request('/waygate/login?next=//evil.example');
    console.log(r4.text.includes('evil.example'));
    await a.app.close();
  }, 60000);
});
