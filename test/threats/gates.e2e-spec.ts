import { Body, Controller, Get, Post } from '@nestjs/common';
import { EnvOnly, MemoryBackend, RequireFlag } from '@waygate/nestjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startApp, type RunningApp } from '../support/nest-app.js';

@Controller()
class HiddenController {
  @Post('gated/:id') @EnvOnly('production') gatedPost(@Body() body: unknown) {
    return body;
  }
  @Get('gated/:id') @EnvOnly('production') gated() {
    return 'secret';
  }
  @Post('flagged/:id') @RequireFlag('never') flaggedPost(@Body() body: unknown) {
    return body;
  }
  @Get('flagged/:id') @RequireFlag('never') flagged() {
    return 'secret';
  }
  @Post('open/:id') open(@Body() body: unknown) {
    return body;
  }
}

/** Requests that differ in what they ask of routers and body readers. */
const PROBES: readonly (readonly [name: string, path: string, init: RequestInit])[] = [
  ['a plain request', '/1', {}],
  ['HEAD', '/1', { method: 'HEAD' }],
  ['OPTIONS', '/1', { method: 'OPTIONS' }],
  ['another method', '/1', { method: 'DELETE' }],
  ['a path that cannot be decoded', '/%zz', {}],
  ['a path that is no UTF-8', '/%ff', { method: 'POST', body: '{}' }],
  ['a trailing slash', '/1/', {}],
  ['valid JSON', '/1', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }],
  ['JSON with trailing garbage', '/1', { method: 'POST', body: '{"a":1}x', headers: { 'content-type': 'application/json' } }],
  ['an empty body that is said to be JSON', '/1', { method: 'POST', body: '', headers: { 'content-type': 'application/json' } }],
  ['an unknown content type', '/1', { method: 'POST', body: 'x', headers: { 'content-type': 'application/x-nothing' } }],
  ['an invalid content type', '/1', { method: 'POST', body: 'x', headers: { 'content-type': 'nothing' } }],
  ['a prototype in JSON', '/1', { method: 'POST', body: '{"__proto__":1}', headers: { 'content-type': 'application/json' } }],
  [
    'a body over the bound',
    '/1',
    { method: 'POST', body: 'x'.repeat(2_000_000), headers: { 'content-type': 'application/json' } },
  ],
];

describe.each(PLATFORMS)('a hidden route on %s', (platform) => {
  let running: RunningApp;

  beforeAll(async () => {
    running = await startApp(platform, { controllers: [HiddenController], waygate: { backend: new MemoryBackend() } });
  });
  afterAll(() => running.app.close());

  const answerTo = async (path: string, init: RequestInit) => {
    const { status, headers, text } = await running.request(path, init);
    const kept = [...headers].filter(([name]) => !['date', 'etag', 'connection', 'keep-alive'].includes(name));
    return { status, headers: kept, text: text.replaceAll(path, '<path>') };
  };

  it.each(['gated', 'flagged'])('(%s) answers every probe exactly like an unknown path', async (name) => {
    for (const [what, path, init] of PROBES) {
      // As long as the hidden one: lengths are part of the answer.
      const unknown = await answerTo(`/${name.replace('ed', 'ex')}${path}`, init);
      expect([what, await answerTo(`/${name}${path}`, init)]).toEqual([what, unknown]);
    }
  });

  it('leaves the errors of routes that are not hidden as they are', async () => {
    const json = { 'content-type': 'application/json' };
    expect((await running.request('/open/1', { method: 'POST', body: '{"a":1}', headers: json })).status).toBe(201);
    expect((await running.request('/open/1', { method: 'POST', body: '{"a":1}x', headers: json })).status).toBe(400);
  });
});
