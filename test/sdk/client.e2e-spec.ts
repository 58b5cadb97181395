import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  AmbiguousRouteError,
  ClientConfigurationError,
  ConflictError,
  NotFoundError,
  PreconditionFailedError,
  TimeoutError,
  UnauthorizedError,
  WaygateClient,
  type AuditEntry,
  type AuditExportOptions,
  type FlagInput,
  type SdkEvent,
  type StreamState,
} from '@waygate/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { listening } from '../support/listening.js';

describe('WaygateClient against a real server', () => {
  let server: AdminApp;
  let waygate: WaygateClient;
  const odd: Server[] = [];

  beforeAll(async () => {
    server = await startAdmin('fastify');
    let token: string | null = null;
    waygate = new WaygateClient({ baseUrl: `${server.url}/waygate/`, token: () => token, platform: 'cli' });
    token = (await waygate.auth.login(ADMIN.username, ADMIN.password)).token;
    await server.engine.routes.register([{ key: 'POST:/payments', declaration: {} }]);
  });
  afterEach(() => {
    for (const one of odd.splice(0)) {
      one.closeAllConnections();
      one.close();
    }
  });
  afterAll(async () => {
    waygate.close();
    await server.app.close();
  });

  async function answering(answer: RequestListener): Promise<string> {
    const one = createServer(answer);
    odd.push(one);
    return `http://127.0.0.1:${await listening(one)}`;
  }

  it('knows who it is', async () => {
    expect(await waygate.auth.me()).toMatchObject({ username: 'admin', platform: 'cli', role: 'admin', services: null });
  });

  it('exports the audit log as JSON lines and as CSV, all of it, and says why it cannot', async () => {
    for (let i = 0; i < 300; i++)
      await server.engine.routes.disable('POST:/payments', { actor: 'exporter', reason: `export ${i}` });
    const read = async (options: AuditExportOptions): Promise<string> => {
      const chunks: Buffer[] = [];
      for await (const chunk of waygate.audit.export(options)) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    };
    const lines = (await read({ actor: 'exporter' })).trimEnd().split('\n');
    expect(lines).toHaveLength(300);
    expect(lines.map((line) => JSON.parse(line) as AuditEntry)).toEqual(
      await waygate.audit.list({ actor: 'exporter', limit: 1000 }),
    );
    const rows = (await read({ actor: 'exporter', format: 'csv' })).trimEnd().split('\r\n');
    expect(rows).toHaveLength(301);
    expect(rows[0]).toMatch(/^revision,timestamp,path,/);
    await expect(read({ since: 'yesterday' })).rejects.toMatchObject({ status: 400 });
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(read({ signal: stop })).rejects.toThrow('enough');
    await server.engine.routes.clear('POST:/payments');
  });

  it('explains what one caller gets of every flag, or of those that match', async () => {
    const flag = {
      type: 'boolean',
      variations: [
        { name: 'on', value: true },
        { name: 'off', value: false },
      ],
    } as const;
    for (const key of ['explained-a', 'explained-b'])
      await waygate.flags.create({ ...flag, key, name: key, off_variation: 'off', fallthrough: 'on' } as FlagInput);
    const explained = await waygate.flags.explainAll({ key: 'u' });
    expect(explained.map(({ flag_key: key }) => key)).toEqual(expect.arrayContaining(['explained-a', 'explained-b']));
    const [only, ...others] = await waygate.flags.explainAll({ key: 'u' }, { q: 'explained-b' });
    expect(others).toEqual([]);
    expect(only).toEqual(await waygate.flags.explain('explained-b', { key: 'u' }));
  });

  it('reads and changes routes, keys of any characters included', async () => {
    expect(await waygate.routes.disable('GET:/items/:id', { reason: 'ünïcødé 🚦' })).toMatchObject({
      status: 'disabled',
      reason: 'ünïcødé 🚦',
    });
    expect(await waygate.routes.get('GET:/items/:id')).toMatchObject({ status: 'disabled' });
    expect(await waygate.routes.clear('GET:/items/:id')).toMatchObject({ status: 'active', source: 'declared' });
    expect((await waygate.routes.list()).map(({ path }) => path)).toContain('GET:/payments');
  });

  it('tells the two conflicts and the unknown apart', async () => {
    const ambiguous = await waygate.routes.disable('/payments').catch((error: unknown) => error);
    expect(ambiguous).toBeInstanceOf(AmbiguousRouteError);
    expect(ambiguous).toMatchObject({ status: 409, matches: ['GET:/payments', 'POST:/payments'] });
    const fixed = await waygate.routes.disable('GET:/vital').catch((error: unknown) => error);
    expect(fixed).toBeInstanceOf(ConflictError);
    expect(fixed).not.toBeInstanceOf(AmbiguousRouteError);
    await expect(waygate.routes.disable('GET:/nowhere')).rejects.toThrow(NotFoundError);
  });

  it('tells a stale version from a conflict', async () => {
    const { revision = 0 } = await waygate.routes.disable('GET:/payments');
    await waygate.routes.enable('GET:/payments');
    const path = `/api/routes/${Buffer.from('GET:/payments').toString('base64url')}/disable`;
    await expect(waygate.api.post(path, {}, { headers: { 'If-Match': `"${revision}"` } })).rejects.toThrow(
      PreconditionFailedError,
    );
  });

  it('reads as many audit entries as are asked for, in several requests', async () => {
    for (let index = 0; index < 12; index += 1)
      await server.engine.routes.disable('GET:/payments', { reason: `number ${index}` });
    const entries = await waygate.audit.newest(5, { route: 'GET:/payments' });
    expect(entries.map(({ reason }) => reason)).toEqual([11, 10, 9, 8, 7].map((index) => `number ${index}`));
    const { revisions, next } = await waygate.revisions.list({ limit: 2 });
    expect(revisions).toHaveLength(2);
    expect((await waygate.revisions.list({ limit: 1, cursor: next ?? '' })).revisions[0]?.reason).toBe('number 9');
  });

  it('is refused without a token, and with a revoked one', async () => {
    const stranger = new WaygateClient({ baseUrl: `${server.url}/waygate` });
    await expect(stranger.routes.list()).rejects.toThrow(UnauthorizedError);
    const { token } = await stranger.auth.login(ADMIN.username, ADMIN.password, 'sdk');
    const known = new WaygateClient({ baseUrl: `${server.url}/waygate`, token });
    expect((await known.auth.me()).platform).toBe('sdk');
    await known.auth.logout();
    await expect(known.auth.me()).rejects.toThrow(UnauthorizedError);
  });

  it.each(['nowhere', 'ftp://x/', 'http://me:secret@x/'])('refuses the base URL %s', (baseUrl) => {
    expect(() => new WaygateClient({ baseUrl })).toThrow(ClientConfigurationError);
  });

  describe('sends again', () => {
    async function counting(answer: (count: number, ...rest: Parameters<RequestListener>) => void) {
      let count = 0;
      const baseUrl = await answering((request, response) => answer((count += 1), request, response));
      return { client: new WaygateClient({ baseUrl, proxy: false, retry: { baseMs: 1 } }), count: () => count };
    }

    it('what it reads, when the connection is cut or the server restarts', async () => {
      const { client, count } = await counting((number, request, response) => {
        if (number === 1) request.socket.destroy();
        else response.writeHead(number === 2 ? 503 : 200, { 'content-type': 'application/json' }).end('[]');
      });
      expect(await client.routes.list()).toEqual([]);
      expect(count()).toBe(3);
    });

    it('no change that may have been made', async () => {
      const { client, count } = await counting((_number, request) => request.socket.destroy());
      await expect(client.routes.disable('GET:/x')).rejects.toMatchObject({ code: 'UNREACHABLE', neverSent: false });
      expect(count()).toBe(1);
    });

    it('nothing that was slow', async () => {
      const url = await answering(() => {});
      const client = new WaygateClient({ baseUrl: url, proxy: false, timeoutMs: 50 });
      await expect(client.routes.list()).rejects.toThrow(TimeoutError);
    });
  });

  it('stops waiting when the caller does', async () => {
    const url = await answering(() => {});
    const client = new WaygateClient({ baseUrl: url, proxy: false });
    const reason = new Error('enough');
    await expect(client.api.call('GET', '/api/routes', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  describe('the stream of changes', () => {
    it('begins with what holds and goes on with what changes', async () => {
      const stop = new AbortController();
      const seen: SdkEvent[] = [];
      for await (const event of waygate.events.follow({ signal: stop.signal })) {
        if (event.type !== 'state' || event.payload.path !== 'GET:/items/:id') continue;
        seen.push(event);
        if (seen.length === 1) await waygate.routes.disable('GET:/items/:id', { reason: 'streamed' });
        else stop.abort();
      }
      expect(seen.at(-1)).toMatchObject({ payload: { status: 'disabled', reason: 'streamed' } });
    });

    it('tells of evaluations of one flag as they happen', async () => {
      const variations = [
        { name: 'on', value: true },
        { name: 'off', value: false },
      ];
      const flag = {
        key: 'watched',
        name: 'Watched',
        type: 'boolean',
        variations,
        off_variation: 'off',
        fallthrough: 'off',
      } as const;
      await waygate.flags.put(flag);
      const stop = new AbortController();
      const opened = ({ state }: StreamState) => void (state === 'open' && waygate.flags.evaluate(flag.key, { key: 'ann' }));
      const events = waygate.events.evaluations({ flag: flag.key }, { signal: stop.signal, onState: opened });
      expect(await events.next()).toMatchObject({
        value: { type: 'evaluation', evaluation: { flag_key: flag.key, key: 'ann', value: false } },
      });
      stop.abort();
    });

    it('ends with the error when the token is refused, instead of a loop', async () => {
      const stranger = new WaygateClient({ baseUrl: `${server.url}/waygate`, token: 'bogus.00' });
      await expect(stranger.events.follow().next()).rejects.toThrow(UnauthorizedError);
    });

    it('comes back after a cut with the last id, and after silence', async () => {
      const ids: (string | string[] | undefined)[] = [];
      const sockets = new Set<Socket>();
      const url = await answering((request, response) => {
        ids.push(request.headers['last-event-id']);
        sockets.add(request.socket);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`id: ${ids.length}\ndata: {"type":"flag_deleted","key":"${ids.length}"}\n\n`);
        // The first connection is cut, the second one falls silent.
        if (ids.length === 1) setTimeout(() => request.socket.destroy(), 20);
      });
      const stop = new AbortController();
      const states: StreamState[] = [];
      const client = new WaygateClient({ baseUrl: url, proxy: false });
      const options = {
        signal: stop.signal,
        silenceMs: 1_500,
        minDelayMs: 5,
        onState: (state: StreamState) => void states.push(state),
      };
      const keys: string[] = [];
      for await (const event of client.events.follow(options)) {
        if (event.type === 'flag_deleted') keys.push(event.key);
        if (keys.length === 3) stop.abort();
      }
      expect(keys).toEqual(['1', '2', '3']);
      expect(ids).toEqual([undefined, '1', '2']);
      expect(states.map(({ state }) => state)).toEqual(['open', 'lost', 'open', 'lost', 'open']);
      expect(states[3]).toMatchObject({ error: expect.any(TimeoutError) as TimeoutError });
    });
  });
});
