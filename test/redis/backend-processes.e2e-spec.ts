import { isDeepStrictEqual } from 'node:util';
import type { RecordedAuditEntry } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../support/engine-process.js';
import { expectWithin } from '../support/measure.js';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? NaN;

/** The whole audit log, oldest first. */
async function history(url: string): Promise<RecordedAuditEntry[]> {
  const backend = new RedisBackend(url);
  await backend.open();
  const entries: RecordedAuditEntry[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await backend.queryAudit({}, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    entries.push(...page.items);
    cursor = page.next;
  }
  const { revision, records } = await backend.load();
  await backend.close();
  entries.reverse();

  // Every revision is there, once, but the first, which registers the routes; each entry begins where the one before it on the same record
  // ended; the records are where it all led to.
  expect(entries.map((entry) => entry.revision)).toEqual(Array.from({ length: revision - 1 }, (_, i) => i + 2));
  const latest = new Map<string, unknown>();
  for (const { kind, key, before, after } of entries) {
    const known = latest.get(`${kind} ${key}`);
    if (known !== undefined && !isDeepStrictEqual(before, known)) expect(before).toEqual(known);
    latest.set(`${kind} ${key}`, after);
  }
  for (const { kind, key, value } of records) expect(latest.get(`${kind} ${key}`)).toEqual(value);
  return entries;
}

describe('three processes on one Redis', () => {
  let server: RedisServer;
  let admin: Redis;
  const processes: EngineProcess[] = [];
  const join = async (url: string, name: string): Promise<EngineProcess> => {
    const process = await EngineProcess.start(url, name);
    processes.push(process);
    return process;
  };
  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.url);
  });
  beforeEach(() => admin.flushall());
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.kill9()));
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  it('decide alike within 250 ms of a change on one of them', async () => {
    const [writer, ...observers] = await Promise.all(['a', 'b', 'c'].map((name) => join(server.url, name)));
    for (const observer of observers) observer.ask('observe', { key: 'GET:/r0' });
    await expectWithin(
      250,
      async () => {
        const written = writer?.next('written');
        writer?.ask('write', { count: 300, key: 'GET:/r0' });
        await written;
        const changes = (writer?.all('acknowledged') ?? []).slice(-300);
        const latencies: number[] = [];
        for (const observer of observers) {
          await expect.poll(() => observer.all('decided').at(-1)?.reason, { interval: 10 }).toBe(changes.at(-1)?.token);
          const first = new Map(
            observer
              .all('decided')
              .toReversed()
              .map(({ reason, at }) => [reason, at]),
          );
          // Changes that come together are decided by at once, as the last of them says.
          let inForce = Infinity;
          for (const { token, began } of changes.toReversed()) {
            inForce = Math.min(inForce, first.get(token) ?? Infinity);
            latencies.push(inForce - began);
          }
        }
        console.log(
          `in force elsewhere: p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms`,
        );
        expect(latencies).toHaveLength(600);
        return percentile(latencies, 0.99);
      },
      12,
    );
  }, 300_000);

  it('converge within 2 s after 1000 changes during which connections were cut', async () => {
    const proxies = await Promise.all([0, 1, 2].map(() => TcpProxy.start(server.port)));
    const workers = await Promise.all(proxies.map(({ url }, i) => join(url, `p${i}`)));
    const states = async () => (await Promise.all(workers.map((worker) => worker.state()))).map(({ state }) => state);
    let cuts = 0;
    /** So many changes by each while connections are cut. @returns how long after the last all are equal */
    const cutWhileTheyWrite = async (counts: readonly number[]): Promise<number> => {
      const stop = new AbortController();
      void Promise.all(workers.map((worker) => worker.next('written'))).then(() => stop.abort());
      workers.forEach((worker, i) => worker.ask('write', { count: counts[i] }));
      while (!stop.signal.aborted) {
        proxies[cuts % 3]?.cut();
        // Now and then a commit is cut when it was written and before that was told.
        if (cuts % 5 === 0) for (const proxy of proxies) proxy.answersToSwallow = 1;
        cuts++;
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      for (const proxy of proxies) proxy.answersToSwallow = 0;
      const healed = performance.now();
      await expect.poll(async () => new Set(await states()).size, { interval: 10 }).toBe(1);
      return performance.now() - healed;
    };
    const tookMs = await cutWhileTheyWrite([334, 333, 333]);
    const entries = await history(server.url);
    const state = JSON.parse((await states())[0] ?? '{}') as { revision: number };
    expect(state.revision).toBe(entries.at(-1)?.revision);
    const failed = workers.flatMap((worker) => worker.all('failed'));
    console.log(`${cuts} cuts, ${failed.length} of 1000 changes failed, equal ${tookMs.toFixed(0)} ms after the last`);
    checkAcknowledged(workers, entries);
    expect(failed.length).toBeLessThan(50);
    const again = [tookMs];
    await expectWithin(2_000, async () => again.pop() ?? cutWhileTheyWrite([30, 30, 30]));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  }, 300_000);

  it('lose no acknowledged change when any of them is killed, and tell one unbroken story', async () => {
    const workers: EngineProcess[] = [];
    const running = await Promise.all([0, 1, 2].map((i) => join(server.url, `w${i}`)));
    workers.push(...running);
    for (const worker of running) worker.ask('write', { count: 100_000 });
    const acknowledged = () => workers.reduce((sum, worker) => sum + worker.all('acknowledged').length, 0);
    for (let kill = 0; kill < 9; kill++) {
      // In the midst of whatever it is doing after some changes.
      const known = acknowledged();
      const more = 40 + Math.random() * 100;
      await expect.poll(acknowledged, { interval: 1 }).toBeGreaterThan(known + more);
      const victim = running[kill % 3];
      await victim?.kill9();
      const next = await join(server.url, `w${kill + 3}`);
      workers.push(next);
      running[kill % 3] = next;
      next.ask('write', { count: 100_000 });
    }
    await Promise.all(running.map((worker) => worker.kill9()));
    const entries = await history(server.url);
    checkAcknowledged(workers, entries);
    console.log(`${acknowledged()} acknowledged, ${entries.length} audit entries, 12 processes killed`);
  }, 300_000);
});

/** Each acknowledged change is in the log, once; none is that was said not to be. */
function checkAcknowledged(workers: readonly EngineProcess[], entries: readonly RecordedAuditEntry[]): void {
  const times = new Map<string, number>();
  for (const { reason } of entries) times.set(reason, (times.get(reason) ?? 0) + 1);
  for (const worker of workers) {
    const lost = worker.all('acknowledged').filter(({ token }) => times.get(token) !== 1);
    expect(lost).toEqual([]);
    const ghosts = worker.all('failed').filter(({ token, message }) => message.startsWith('Nothing was') && times.has(token));
    expect(ghosts).toEqual([]);
  }
}
