export { RedisBackend, type RedisBackendOptions } from './backend/redis-backend.js';
export type { RedisConnection } from './connection/connection.js';
export { RedisCounterStore, type RedisCounterStoreOptions } from './counters/redis-counter-store.js';
