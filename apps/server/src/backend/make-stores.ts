import { FileBackend, MemoryBackend, type CounterStore, type WaygateBackend } from '@waygate/core';
import type { Settings } from '../settings/settings.js';

/** What the engine runs on. */
export interface Stores {
  readonly backend: WaygateBackend;
  /** `undefined` = in this process. Here it counts attempts to sign in. */
  readonly counterStore?: CounterStore;
}

/** Loads only the client that is needed. */
export async function makeStores(settings: Settings): Promise<Stores> {
  const { backend: address, namespace, 'audit-capacity': auditCapacity } = settings;
  const kept = auditCapacity === undefined ? {} : { auditCapacity };
  if (address.kind === 'memory') return { backend: new MemoryBackend(kept) };
  if (address.kind === 'file') return { backend: new FileBackend(address.path, kept) };
  if (address.kind === 'redis') {
    const { RedisBackend, RedisCounterStore } = await import('@waygate/redis');
    return {
      backend: new RedisBackend(address.url, { namespace, ...kept }),
      counterStore: new RedisCounterStore(address.url, { prefix: namespace }),
    };
  }
  const { WaygateServerBackend } = await import('@waygate/client/backend');
  const [username, password] = settings['backend-user'] ?? [];
  const token = settings['backend-token'];
  return {
    backend: new WaygateServerBackend({
      url: address.url,
      ...(token === undefined ? {} : { token }),
      ...(username === undefined || password === undefined ? {} : { username, password }),
    }),
  };
}
