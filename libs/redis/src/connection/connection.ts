import { Redis, type Cluster, type RedisOptions } from 'ioredis';

/** A URL (`redis://…`, `rediss://…`), ioredis options, or a client of your own, of which a duplicate is made. */
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
  // What became a replica is left: Sentinel, or the name that was given, may lead to another master.
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2),
};

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
  const client = duplicateOf(connection, options);
  // Without a listener a lost connection would end the process. What fails is told by the commands that fail.
  client.on('error', () => undefined);
  return client;
}

/**
 * Leaves it to the caller how long an answer may take, once a connection is ready. Before, the connection's own patience applies: making one
 * takes several answers, and a process that is still starting reads them late. A Cluster's client keeps its timeout, because its nodes have
 * connections of their own.
 */
export function withoutCommandTimeout(client: RedisClient): void {
  if (isCluster(client)) return;
  const { options } = client;
  const { commandTimeout } = options;
  client.on('ready', () => delete options.commandTimeout);
  client.on('close', () => {
    if (commandTimeout !== undefined) options.commandTimeout = commandTimeout;
  });
}

function duplicateOf(connection: RedisConnection, options: RedisOptions): RedisClient {
  if (typeof connection === 'string') return new Redis(connection, options);
  if (!isClient(connection)) return new Redis({ ...connection, ...options });
  return isCluster(connection)
    ? connection.duplicate([], {
        lazyConnect: true,
        // Else it refuses commands to a node it has just begun to connect to.
        enableOfflineQueue: true,
        retryDelayOnFailover: 0,
        ...(options.retryStrategy == null ? {} : { clusterRetryStrategy: options.retryStrategy }),
        redisOptions: { ...options, lazyConnect: false },
      })
    : connection.duplicate(options);
}

function isClient(connection: RedisConnection): connection is RedisClient {
  return typeof connection === 'object' && typeof (connection as { sendCommand?: unknown }).sendCommand === 'function';
}

function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}
