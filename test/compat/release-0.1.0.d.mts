// What the tests use of version 0.1.0 has the same types today.
export { FileBackend, WaygateEngine } from '@waygate/core';
export { RedisBackend } from '@waygate/redis';
export { WaygateServerBackend } from '@waygate/client/backend';
