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

/** Keys and moments differ between the runs that wrote the samples; what operators set does not. */
async function expectWhatWasSet(backend: WaygateBackend, snapshotPath?: string): Promise<void> {
  const engine = new WaygateEngine({ backend, snapshotPath, environment: 'prod' });
  try {
    await engine.open();
    expect(engine.decide('POST:/orders')).toMatchObject({ kind: 'disabled', reason: 'hotfix' });
    expect(engine.sync.routes.get('GET:/orders/:id')).toMatchObject({ status: 'env_gated', tags: ['orders', 'public'] });
    expect(engine.sync.routes.get('GET:/internal').override?.window?.recurrence).toMatchObject({ timeZone: 'Europe/Berlin' });
    const [limit] = (await engine.rateLimits.get('GET:/orders/:id')).policies;
    expect(limit).toMatchObject({ limit: '100/minute', algorithm: 'token_bucket', burst: 20, mode: 'shadow', cost: 2 });
    const flag = engine.sync.flags.get('checkout');
    expect(flag).toMatchObject({ type: 'json', progressiveRollout: { variation: 'new' }, clientVisible: true });
    expect(flag.scheduledChanges.map(({ action }) => action)).toEqual(['update_rollout', 'delete_rule', 'add_rule']);
    expect(engine.sync.segments.get('staff')).toMatchObject({ included: ['ann'], excluded: ['bob'] });
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
    await expectWhatWasSet(new FileBackend(path));
  });

  it('loads from Redis', async () => {
    const server = await RedisServer.start();
    const client = new Redis(server.port, '127.0.0.1');
    try {
      const commands = JSON.parse(readFileSync(join(SAMPLES, 'redis-0.1.0.json'), 'utf8')) as [string, ...string[]][];
      for (const [command, ...args] of commands) await client.call(command, ...args);
      await expectWhatWasSet(new RedisBackend(`redis://127.0.0.1:${server.port}`));
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
    await expectWhatWasSet(new Away(), path);
  });
});
