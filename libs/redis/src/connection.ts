import { Redis, type Cluster, type RedisOptions } from 'ioredis';

/** A URL (`redis://…`, `rediss://…`), ioredis options, or a client of your own, which then is yours to close. */
export type RedisConnection = string | RedisOptions | Redis | Cluster;

/** Both kinds of client answer the same commands. */
export type RedisClient = Redis | Cluster;

/**
 * What keeps a dead or frozen Redis from holding requests: commands fail at once while there is no connection, and after
 * `commandTimeout` while there is one; a silent socket is given up, so that a frozen master is left when Sentinel has named another.
 */
const PATIENCE: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  commandTimeout: 1_000,
  socketTimeout: 5_000,
  enableAutoPipelining: false,
  retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2),
};

/** A client, and whether it is ours to close. */
export interface OwnedClient {
  readonly client: RedisClient;
  readonly owned: boolean;
}

/**
 * Makes a client of what the user gave. It connects when told to, not before.
 * @param overrides what this use of the connection needs otherwise
 */
export function clientFor(connection: RedisConnection, overrides: RedisOptions = {}): OwnedClient {
  if (isClient(connection)) return { client: connection, owned: false };
  const options: RedisOptions = { ...PATIENCE, ...overrides, lazyConnect: true };
  const client =
    typeof connection === 'string' ? new Redis(connection, options) : new Redis({ ...options, ...connection, lazyConnect: true });
  // Without a listener a lost connection would end the process. What fails is told by the commands that fail.
  client.on('error', () => undefined);
  return { client, owned: true };
}

/**
 * A client of our own to the same Redis, whatever was given: of a client of yours a duplicate, so that how it is configured and when it is
 * closed are of no concern. It connects when told to, and never sends a command again by itself.
 * @param overrides win over what was given
 */
export function ownClientFor(connection: RedisConnection, overrides: RedisOptions = {}): RedisClient {
  const options: RedisOptions = {
    ...PATIENCE,
    ...overrides,
    autoResendUnfulfilledCommands: false,
    replyMapping: 'legacy',
    lazyConnect: true,
  };
  if (!isClient(connection))
    return clientFor(typeof connection === 'string' ? connection : { ...connection, ...options }, options).client;
  const client = isCluster(connection)
    ? connection.duplicate([], {
        lazyConnect: true,
        // Else it refuses commands to a node it has just begun to connect to.
        enableOfflineQueue: true,
        retryDelayOnFailover: 0,
        ...(options.retryStrategy == null ? {} : { clusterRetryStrategy: options.retryStrategy }),
        redisOptions: { ...options, lazyConnect: false },
      })
    : connection.duplicate(options);
  client.on('error', () => undefined);
  return client;
}

function isClient(connection: RedisConnection): connection is RedisClient {
  return typeof connection === 'object' && typeof (connection as { sendCommand?: unknown }).sendCommand === 'function';
}

function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}
