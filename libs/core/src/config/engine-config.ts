import { serviceName } from '../model/route-key.js';
import type { RateLimitAlgorithm } from '../schema/rate-limit.js';
import type { AddressGrouping } from '../rate-limit/address-key.js';
import type { CounterStore } from '../rate-limit/counter-store.js';
import { ALGORITHMS } from '../schema/rate-limit.js';
import { ConfigurationError, ValidationError } from '../model/errors.js';
import { toDuration, type Clock, type DurationInput } from '../model/time.js';
import type { WaygateBackend } from '../backend/waygate-backend.js';
import { FileBackend } from '../backend/file/file-backend.js';
import { MemoryBackend } from '../backend/memory-backend.js';
import { errorMessage } from '../native-errors/native-error.js';
import { readWebhooksOptions, type WebhooksConfig, type WebhooksOptions } from '../webhooks/webhooks-options.js';
import { Environment } from './environment.js';
import { redisBackendFrom } from './redis-backend-from.js';

/** Which checks are skipped altogether, for tests. */
export interface Bypass {
  readonly lifecycle?: boolean;
  readonly rateLimits?: boolean;
}

export interface WaygateEngineOptions {
  /** Where records live. Default: what `WAYGATE_BACKEND` names, else memory. */
  readonly backend?: WaygateBackend;
  /** What environment gates compare with. Default: `WAYGATE_ENV`, else `dev`. */
  readonly environment?: string;
  /** The service this process is part of, when several share a backend. Default: none. */
  readonly service?: string;
  /** Default: `WAYGATE_BYPASS_LIFECYCLE` and `WAYGATE_BYPASS_RATE_LIMITS`, set to anything, else nothing. */
  readonly bypass?: Bypass;
  /** Where requests are counted. Default: in this process. */
  readonly counterStore?: CounterStore;
  /** What limits use that name no algorithm. Default `fixed_window`. */
  readonly defaultAlgorithm?: RateLimitAlgorithm;
  /** How addresses become callers. Default: IPv6 by /64, IPv4 in IPv6 unmapped. */
  readonly addresses?: AddressGrouping;
  /** Who is told of changes, and how. Webhooks can be added at runtime as well. */
  readonly webhooks?: WebhooksOptions;
  /** How long `open` waits for the backend, in ms, before it goes on without it. Default 3000. */
  readonly initTimeout?: number;
  /** How long `health` may be `stale` before it is `error`, in ms. Default 60 000; `Infinity` = never. */
  readonly errorAfter?: number;
  /**
   * A file in which the last state of the backend is kept, so that a start without the backend decides by it. For backends over a network.
   * Default: none.
   */
  readonly snapshotPath?: string;
  /** Audit entries older than that are not given out any more. How many are kept is the backend's. Default: no limit. */
  readonly auditMaxAge?: DurationInput;
  /** Counts requests and latencies of this process by route and minute. Default: only where the admin is mounted. */
  readonly stats?: boolean;
  /**
   * How far the clock of this process may differ from the store's time, in ms. Decisions are corrected for the difference. Beyond this, the
   * process also reports trouble and records no edges of windows. Default 2000.
   */
  readonly clockTolerance?: number;
  /** Where time comes from, epoch ms. Default `Date.now`. */
  readonly clock?: Clock;
  /** Where variables and the `.waygate` file are read. Default: this process and its working directory. */
  readonly surroundings?: Environment;
}

/** Options with nothing left open. */
export interface EngineConfig {
  readonly backend: WaygateBackend;
  readonly environment: string;
  readonly service: string | null;
  readonly bypass: Required<Bypass>;
  readonly counterStore: CounterStore | null;
  readonly defaultAlgorithm: RateLimitAlgorithm;
  readonly addresses: AddressGrouping;
  readonly webhooks: WebhooksConfig;
  readonly initTimeout: number;
  readonly errorAfter: number;
  readonly snapshotPath: string | null;
  /** In ms; `Infinity` = no limit. */
  readonly auditMaxAge: number;
  readonly clock: Clock;
  readonly clockTolerance: number;
}

/**
 * Options, then environment variables, then the `.waygate` file, then defaults.
 * @throws {ConfigurationError} naming the option or variable that is wrong
 */
export function resolveConfig(options: WaygateEngineOptions = {}): EngineConfig {
  const surroundings = options.surroundings ?? Environment.read();
  const { initTimeout = 3_000, errorAfter = 60_000, clockTolerance = 2_000 } = options;
  if (!Number.isFinite(initTimeout) || initTimeout < 0) {
    throw new ConfigurationError(`Option 'initTimeout' must be milliseconds ≥ 0, got ${String(initTimeout)}.`);
  }
  if (!(clockTolerance >= 0))
    throw new ConfigurationError(`Option 'clockTolerance' must be milliseconds ≥ 0, got ${String(clockTolerance)}.`);
  if (!(errorAfter >= 0))
    throw new ConfigurationError(`Option 'errorAfter' must be milliseconds ≥ 0, got ${String(errorAfter)}.`);
  return {
    backend: options.backend ?? backendFrom(surroundings),
    environment: environmentName(options.environment ?? surroundings.get('WAYGATE_ENV') ?? 'dev'),
    service: readService(options.service),
    bypass: {
      lifecycle: options.bypass?.lifecycle ?? surroundings.isSet('WAYGATE_BYPASS_LIFECYCLE'),
      rateLimits: options.bypass?.rateLimits ?? surroundings.isSet('WAYGATE_BYPASS_RATE_LIMITS'),
    },
    counterStore: options.counterStore ?? null,
    defaultAlgorithm: readAlgorithm(options.defaultAlgorithm ?? 'fixed_window'),
    addresses: readAddresses(options.addresses ?? {}),
    webhooks: readWebhooksOptions(options.webhooks),
    initTimeout,
    errorAfter,
    snapshotPath: options.snapshotPath ?? null,
    auditMaxAge: readAge(options.auditMaxAge),
    clock: options.clock ?? Date.now,
    clockTolerance,
  };
}

function backendFrom(surroundings: Environment): WaygateBackend {
  const name = surroundings.get('WAYGATE_BACKEND') ?? 'memory';
  switch (name) {
    case 'memory':
      return new MemoryBackend();
    case 'file':
      return new FileBackend(surroundings.get('WAYGATE_FILE_PATH') ?? 'waygate-state.json');
    case 'redis':
      return redisBackendFrom(surroundings);
    default:
      throw new ConfigurationError(
        `${surroundings.source('WAYGATE_BACKEND')} is '${name}'. Known here: 'memory', 'file', 'redis'. For another store give the 'backend' option.`,
      );
  }
}

function readAge(age: DurationInput | undefined): number {
  if (age === undefined) return Infinity;
  try {
    return toDuration(age, 'auditMaxAge');
  } catch (error) {
    throw new ConfigurationError(`Option ${errorMessage(error)}.`, { cause: error });
  }
}

function readAlgorithm(algorithm: RateLimitAlgorithm): RateLimitAlgorithm {
  if (ALGORITHMS.includes(algorithm)) return algorithm;
  throw new ConfigurationError(`Option 'defaultAlgorithm' is '${String(algorithm)}'. Use one of ${ALGORITHMS.join(', ')}.`);
}

function readAddresses(addresses: AddressGrouping): AddressGrouping {
  const { ipv6Prefix = 64 } = addresses;
  if (Number.isInteger(ipv6Prefix) && ipv6Prefix >= 1 && ipv6Prefix <= 128) return addresses;
  throw new ConfigurationError(`Option 'addresses.ipv6Prefix' must be a whole number from 1 to 128, got ${String(ipv6Prefix)}.`);
}

function environmentName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new ConfigurationError(
      `The environment '${name}' is no usable name. Use letters, digits, '.', '_' and '-' (WAYGATE_ENV or option 'environment').`,
    );
  }
  return name;
}

function readService(service: string | undefined): string | null {
  if (service === undefined) return null;
  try {
    return serviceName(service);
  } catch (error) {
    if (error instanceof ValidationError) throw new ConfigurationError(`Option 'service': ${error.problem}.`, { cause: error });
    throw error;
  }
}
