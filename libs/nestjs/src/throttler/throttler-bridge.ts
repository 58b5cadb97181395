import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  addressKey,
  ConfigurationError,
  formatLimit,
  type DynamicLimit,
  type LimitPhase,
  type RateLimitDeclaration,
  type RateLimitFunctions,
} from '@waygate/core';
import { WAYGATE_OPTIONS, type WaygateModuleOptions } from '../config/waygate.options.js';

/** What `@nestjs/throttler` (6) writes on handlers and classes, behind the throttler's name. */
const THROTTLER = {
  options: 'THROTTLER:MODULE_OPTIONS',
  limit: 'THROTTLER:LIMIT',
  ttl: 'THROTTLER:TTL',
  skip: 'THROTTLER:SKIP',
  tracker: 'THROTTLER:TRACKER',
  blockDuration: 'THROTTLER:BLOCK_DURATION',
  keyGenerator: 'THROTTLER:KEY_GENERATOR',
} as const;

/** Counters of throttlers with `generateKey`: the key alone says what is counted together, on whichever route. */
const SHARED_COUNTERS = 'throttler';

type Resolvable = number | string | ((context: ExecutionContext) => number | Promise<number>);
type Tracker = (request: never, context: ExecutionContext) => string | Promise<string>;
type KeyGenerator = (context: ExecutionContext, tracker: string, throttler: string) => string;

interface ThrottlerSettings {
  readonly ignoreUserAgents?: readonly RegExp[];
  readonly skipIf?: (context: ExecutionContext) => boolean;
  readonly getTracker?: Tracker;
  readonly generateKey?: KeyGenerator;
  readonly ipv6SubnetPrefix?: number;
}

interface NamedThrottler extends ThrottlerSettings {
  readonly name?: string;
  readonly limit: Resolvable;
  readonly ttl: Resolvable;
  readonly blockDuration?: Resolvable;
}

type ThrottlerOptions = readonly NamedThrottler[] | (ThrottlerSettings & { readonly throttlers: readonly NamedThrottler[] });

/** Everything that holds for one throttler on one handler. */
interface ThrottledHandler {
  readonly name: string;
  readonly limit: Resolvable;
  readonly ttl: Resolvable;
  readonly blockDuration: Resolvable;
  readonly getTracker: Tracker | undefined;
  readonly generateKey: KeyGenerator | undefined;
  readonly skipIf: ThrottlerSettings['skipIf'];
  readonly ignoreUserAgents: readonly RegExp[];
  readonly ipv6Prefix: number | undefined;
}

/** Reads what `@nestjs/throttler` declares and says it in Waygate's words. */
@Injectable()
export class ThrottlerBridge {
  constructor(
    private readonly modules: ModuleRef,
    @Inject(WAYGATE_OPTIONS) private readonly options: WaygateModuleOptions,
  ) {}

  /**
   * The limits that hold for a handler, one a named throttler.
   * @throws {ConfigurationError} when the app has no `ThrottlerModule`
   */
  declarationsFor(controller: object, handler: object): readonly RateLimitDeclaration[] {
    const options = this.#throttlers();
    const common: ThrottlerSettings = isList(options) ? {} : options;
    const throttlers = isList(options) ? options : options.throttlers;
    return throttlers.flatMap((throttler) => {
      const { name = 'default' } = throttler;
      const read = (key: string): unknown =>
        Reflect.getMetadata(key + name, handler) ?? Reflect.getMetadata(key + name, controller);
      if (read(THROTTLER.skip) === true) return [];
      const own = {
        limit: read(THROTTLER.limit) as Resolvable | undefined,
        ttl: read(THROTTLER.ttl) as Resolvable | undefined,
        blockDuration: read(THROTTLER.blockDuration) as Resolvable | undefined,
        getTracker: read(THROTTLER.tracker) as Tracker | undefined,
        generateKey: read(THROTTLER.keyGenerator) as KeyGenerator | undefined,
      };
      const ttl = own.ttl ?? throttler.ttl;
      return [
        this.#declaration({
          name,
          ttl,
          limit: own.limit ?? throttler.limit,
          blockDuration: own.blockDuration ?? throttler.blockDuration ?? ttl,
          getTracker: own.getTracker ?? throttler.getTracker ?? common.getTracker,
          generateKey: own.generateKey ?? throttler.generateKey ?? common.generateKey,
          skipIf: throttler.skipIf ?? common.skipIf,
          ignoreUserAgents: throttler.ignoreUserAgents ?? common.ignoreUserAgents ?? [],
          ipv6Prefix: common.ipv6SubnetPrefix,
        }),
      ];
    });
  }

  #declaration(throttled: ThrottledHandler): RateLimitDeclaration {
    const { name, limit, ttl, blockDuration, getTracker, generateKey, skipIf } = throttled;
    const functions = functionsOf(throttled);
    const asksApp = [limit, ttl, blockDuration, getTracker, generateKey, skipIf].some((each) => typeof each === 'function');
    const phase = this.#phase ?? (asksApp ? undefined : 'origin');
    const blockMs = typeof blockDuration === 'function' ? 0 : Number(blockDuration);
    return {
      name,
      limit: formatLimit(typeof limit === 'function' ? 0 : Number(limit), typeof ttl === 'function' ? 1_000 : Number(ttl)),
      origin: 'throttler',
      key: functions.key === undefined ? 'ip' : 'custom',
      functions,
      ...(phase === undefined ? {} : { phase }),
      ...(blockMs > 0 ? { blockMs } : {}),
      ...(generateKey === undefined ? {} : { counters: SHARED_COUNTERS }),
    };
  }

  get #phase(): LimitPhase | undefined {
    const { throttler } = this.options;
    return typeof throttler === 'object' ? throttler.phase : undefined;
  }

  #throttlers(): ThrottlerOptions {
    try {
      return this.modules.get<ThrottlerOptions>(THROTTLER.options, { strict: false });
    } catch (error) {
      throw new ConfigurationError(
        "Option 'throttler' needs ThrottlerModule.forRoot(…) in the app: it says which throttlers there are.",
        { cause: error },
      );
    }
  }
}

function functionsOf(throttled: ThrottledHandler): RateLimitFunctions {
  const { skipIf, ignoreUserAgents } = throttled;
  const key = keyOf(throttled);
  const limit = limitOf(throttled);
  const exempt = (request: unknown, context: unknown): boolean => {
    const agent = (request as { headers: Record<string, string | undefined> }).headers['user-agent'] ?? '';
    return skipIf?.(context as ExecutionContext) === true || ignoreUserAgents.some((pattern) => pattern.test(agent));
  };
  return {
    ...(key === undefined ? {} : { key }),
    ...(limit === undefined ? {} : { limit }),
    ...(skipIf === undefined && ignoreUserAgents.length === 0 ? {} : { exempt }),
  };
}

/** `undefined` = by address, as Waygate counts. */
function keyOf({ name, getTracker, generateKey, ipv6Prefix }: ThrottledHandler): RateLimitFunctions['key'] {
  if (getTracker === undefined && generateKey === undefined && ipv6Prefix === undefined) return undefined;
  const tracked: Tracker = getTracker ?? ((request) => addressOf(request, ipv6Prefix));
  return async (request, context) => {
    const tracker = await tracked(request as never, context as ExecutionContext);
    return generateKey === undefined ? tracker : generateKey(context as ExecutionContext, tracker, name);
  };
}

/** `undefined` = the policy itself says it: whole seconds, and no function. */
function limitOf({ limit, ttl, blockDuration }: ThrottledHandler): RateLimitFunctions['limit'] {
  if ([limit, ttl, blockDuration].some((each) => typeof each === 'function')) {
    return async (_request, context) => {
      const [most, periodMs, blockMs] = await Promise.all(
        [limit, ttl, blockDuration].map(async (each) => (typeof each === 'function' ? each(context as ExecutionContext) : each)),
      );
      return dynamicLimit(Number(most), Number(periodMs), Number(blockMs));
    };
  }
  if (Number(ttl) % 1_000 === 0) return undefined;
  const always = dynamicLimit(Number(limit), Number(ttl), Number(blockDuration));
  return () => always;
}

function dynamicLimit(limit: number, periodMs: number, blockMs: number): DynamicLimit {
  return { limit, periodMs, ...(blockMs > 0 ? { blockMs } : {}) };
}

function addressOf(request: { readonly ip?: string }, ipv6Prefix: number | undefined): string {
  return addressKey(request.ip ?? '', ipv6Prefix === undefined ? {} : { ipv6Prefix });
}

function isList(options: ThrottlerOptions): options is readonly NamedThrottler[] {
  return Array.isArray(options);
}
