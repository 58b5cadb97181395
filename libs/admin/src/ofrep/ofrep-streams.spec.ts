import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { describe, expect, it } from 'vitest';
import { OfrepStreams } from './ofrep-streams.js';

/** Opens a stream and leaves it open. */
function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.on('error', () => undefined).resume();
      resolve(response);
    }).on('error', reject);
  });
}

describe('OfrepStreams', () => {
  it('limits listeners with client tokens, which are public in web pages, and still accepts server tokens', async () => {
    const engine = new WaygateEngine({ backend: new MemoryBackend() });
    await engine.open();
    const streams = new OfrepStreams(engine, 3);
    streams.onModuleInit();
    const server = createServer((request, response) =>
      streams.open(request, response, { onlyVisible: request.url === '/client', lastEventId: null, isWelcome: () => true }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answers: IncomingMessage[] = [];
    for (const path of ['/client', '/client', '/client', '/client', '/server']) answers.push(await open(url + path));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 503, 200]);
    expect(answers[3]?.headers['retry-after']).toBe('60');
    for (const answer of answers) answer.destroy();
    streams.onModuleDestroy();
    server.close();
    await engine.close();
  });
});
