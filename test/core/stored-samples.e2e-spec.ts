import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBackend, MemoryBackend, WaygateEngine, type StoredRecord, type WaygateBackend } from '@waygate/core';
import { RedisBackend } from '@waygate/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';

// Written by version 0.1.0 before records had schemas, with every kind of record except a revocation and an edge.
const SAMPLES = join('test', 'core', 'samples');

interface StateFile {
  readonly revision: number;
  readonly records: Readonly<Record<string, Readonly<Record<string, { readonly revision: number; readonly value: unknown }>>>>;
}

const sample = JSON.parse(readFileSync(join(SAMPLES, 'state-0.1.0.json'), 'utf8')) as StateFile;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-samples-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function byKind(records: readonly StoredRecord[]): Record<string, Record<string, unknown>> {
  const kinds: Record<string, Record<string, unknown>> = {};
  for (const { kind, key, revision, value } of records) (kinds[kind] ??= {})[key] = { revision, value };
  return kinds;
}

/** What operators set. Keys and moments differ between the runs that wrote the samples. */
const SET = {
  orders: { kind: 'disabled', reason: 'hotfix' },
  gated: { status: 'env_gated', tags: ['orders', 'public'] },
  internal: { override: { window: { recurrence: { timeZone: 'Europe/Berlin' } } } },
  limit: { limit: '100/minute', algorithm: 'token_bucket', burst: 20, mode: 'shadow', cost: 2 },
  flag: {
    type: 'json',
    clientVisible: true,
    progressiveRollout: { variation: 'new' },
    scheduledChanges: [{ action: 'update_rollout' }, { action: 'delete_rule' }, { action: 'add_rule' }],
  },
  segment: { included: ['ann'], excluded: ['bob'] },
};

/** What an engine says about what operators set. */
async function readSettings(backend: WaygateBackend, snapshotPath?: string): Promise<Record<keyof typeof SET, unknown>> {
  const engine = new WaygateEngine({ backend, snapshotPath, environment: 'prod' });
  try {
    await engine.open();
    return {
      orders: engine.decide('POST:/orders'),
      gated: engine.sync.routes.get('GET:/orders/:id'),
      internal: engine.sync.routes.get('GET:/internal'),
      limit: (await engine.rateLimits.get('GET:/orders/:id')).policies[0],
      flag: engine.sync.flags.get('checkout'),
      segment: engine.sync.segments.get('staff'),
    };
  } finally {
    await engine.close();
  }
}

describe('data written by version 0.1.0', () => {
  it.each(['json', 'yaml', 'toml'])('loads from a %s state file, record by record', async (extension) => {
    const path = join(folder, `state.${extension}`);
    copyFileSync(join(SAMPLES, `state-0.1.0.${extension}`), path);
    const backend = new FileBackend(path);
    await backend.open();
    const { revision, records } = await backend.load();
    await backend.close();
    expect(revision).toBe(sample.revision);
    const loaded = byKind(records);
    if (extension === 'json') expect(loaded).toEqual(sample.records);
    expect(Object.keys(loaded).toSorted((a, b) => a.localeCompare(b))).toEqual(
      Object.keys(sample.records).toSorted((a, b) => a.localeCompare(b)),
    );
    expect(await readSettings(new FileBackend(path))).toMatchObject(SET);
  });

  it('loads from Redis', async () => {
    const server = await RedisServer.start();
    const client = new Redis(server.port, '127.0.0.1');
    try {
      const commands = JSON.parse(readFileSync(join(SAMPLES, 'redis-0.1.0.json'), 'utf8')) as [string, ...string[]][];
      for (const [command, ...args] of commands) await client.call(command, ...args);
      expect(await readSettings(new RedisBackend(`redis://127.0.0.1:${server.port}`))).toMatchObject(SET);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });

  it('decides from the last-known-good copy while the backend is away', async () => {
    const path = join(folder, 'copy');
    copyFileSync(join(SAMPLES, 'copy-0.1.0'), path);
    class Away extends MemoryBackend {
      override async open(): Promise<void> {
        throw new Error('the backend is away');
      }
    }
    expect(await readSettings(new Away(), path)).toMatchObject(SET);
  });
});
