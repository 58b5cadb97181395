import { execFileSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { LONG_PATIENCE } from './patience.mjs';
import { RedisServer } from './redis-server.js';

/** Three masters that share the slots, ready to be used. */
export async function startCluster(): Promise<RedisServer[]> {
  const nodes = await Promise.all([0, 1, 2].map(() => RedisServer.start(['cluster-enabled yes', 'cluster-node-timeout 2000'])));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes'], {
    stdio: 'ignore',
  });
  const probes = nodes.map(({ url }) => new Redis(url));
  const infos = () => Promise.all(probes.map((probe) => probe.cluster('INFO')));
  await vi.waitUntil(async () => (await infos()).every((info) => String(info).includes('cluster_state:ok')), LONG_PATIENCE);
  for (const probe of probes) probe.disconnect();
  return nodes;
}

/** A master called `main`, a replica, and a Sentinel that knows both. */
export async function startSentinel(): Promise<{ master: RedisServer; replica: RedisServer; sentinel: RedisServer }> {
  const master = await RedisServer.start();
  const replica = await RedisServer.start([`replicaof 127.0.0.1 ${master.port}`]);
  const sentinel = await RedisServer.start(
    [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 3000',
    ],
    ['--sentinel'],
  );
  const [admin, follower] = [new Redis(sentinel.url), new Redis(replica.url)];
  await vi.waitUntil(async () => ((await admin.call('SENTINEL', 'REPLICAS', 'main')) as unknown[]).length === 1, LONG_PATIENCE);
  // One that never had what its master has is not made a master.
  await vi.waitUntil(async () => (await follower.info('replication')).includes('master_link_status:up'), LONG_PATIENCE);
  for (const client of [admin, follower]) client.disconnect();
  return { master, replica, sentinel };
}
