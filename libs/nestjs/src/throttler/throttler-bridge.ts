import { Injectable, Logger, type ExecutionContext } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ConfigurationError, formatLimit, type RateLimitDeclaration, type RateLimitFunctions } from '@waygate/core';

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

type Resolvable = number | ((context: ExecutionContext) => number | Promise<number>);
type Tracker = (request: never, context: ExecutionContext) => string | Promise<string>;

interface ThrottlerSettings {
  readonly ignoreUserAgents?: readonly RegExp[];
  readonly skipIf?: (context: ExecutionContext) => boolean;
  readonly getTracker?: Tracker;
  readonly generateKey?: unknown;
}

interface NamedThrottler extends ThrottlerSettings {
  readonly name?: string;
  readonly limit: Resolvable;
  readonly ttl: Resolvable;
  readonly blockDuration?: Resolvable;
}

type ThrottlerOptions = readonly NamedThrottler[] | (ThrottlerSettings & { readonly throttlers: readonly NamedThrottler[] });

/** Reads what `@nestjs/throttler` declares and says it in Waygate's words. */
@Injectable()
export class ThrottlerBridge {
  readonly #logger = new Logger('Waygate');
  readonly #told = new Set<string>();

  constructor(private readonly modules: ModuleRef) {}

  /**
   * The limits that hold for a handler, one a named throttler.
   * @throws {ConfigurationError} when the app has no `ThrottlerModule`
   */
  declarationsFor(controller: object, handler: object): readonly RateLimitDeclaration[] {
    const options = this.#options();
    const common: ThrottlerSettings = isList(options) ? {} : options;
    const throttlers = isList(options) ? options : options.throttlers;
    const read = (key: string, name: string): unknown =>
      Reflect.getMetadata(key + name, handler) ?? Reflect.getMetadata(key + name, controller);
    return throttlers.flatMap((throttler) => {
      const { name = 'default' } = throttler;
      if (read(THROTTLER.skip, name) === true) return [];
      const limit = (read(THROTTLER.limit, name) as Resolvable | undefined) ?? throttler.limit;
      const ttl = (read(THROTTLER.ttl, name) as Resolvable | undefined) ?? throttler.ttl;
      const tracker = (read(THROTTLER.tracker, name) as Tracker | undefined) ?? throttler.getTracker ?? common.getTracker;
      this.#tellWhatIsLost(
        name,
        read(THROTTLER.blockDuration, name) ?? throttler.blockDuration,
        ttl,
        read(THROTTLER.keyGenerator, name) ?? throttler.generateKey ?? common.generateKey,
      );
      const functions = functionsOf(limit, ttl, tracker, { ...common, ...throttler });
      const shown = formatLimit(typeof limit === 'number' ? limit : 0, typeof ttl === 'number' ? ttl : 1_000);
      return [
        {
          name,
          limit: shown,
          origin: 'throttler' as const,
          key: tracker === undefined ? ('ip' as const) : ('custom' as const),
          functions,
        },
      ];
    });
  }

  #options(): ThrottlerOptions {
    try {
      return this.modules.get<ThrottlerOptions>(THROTTLER.options, { strict: false });
    } catch (error) {
      throw new ConfigurationError(
        "Option 'throttler' needs ThrottlerModule.forRoot(…) in the app: it says which throttlers there are.",
        { cause: error },
      );
    }
  }

  #tellWhatIsLost(name: string, blockDuration: unknown, ttl: Resolvable, generateKey: unknown): void {
    if (blockDuration !== undefined && blockDuration !== ttl)
      this.#tellOnce(`throttler '${name}': a block ends with the window; 'blockDuration' is not taken over`);
    if (generateKey !== undefined)
      this.#tellOnce(`throttler '${name}': each route counts for itself; 'generateKey' is not taken over`);
  }

  #tellOnce(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#logger.warn(message);
  }
}

function functionsOf(
  limit: Resolvable,
  ttl: Resolvable,
  tracker: Tracker | undefined,
  { skipIf, ignoreUserAgents = [] }: ThrottlerSettings,
): RateLimitFunctions {
  const resolve = async (value: Resolvable, context: unknown) =>
    typeof value === 'number' ? value : value(context as ExecutionContext);
  const ask = {
    key:
      tracker === undefined
        ? undefined
        : (request: unknown, context: unknown) => tracker(request as never, context as ExecutionContext),
  };
  // Whole seconds are said by the policy itself; everything else is asked for at each request.
  const dynamic = typeof limit === 'function' || typeof ttl === 'function' || ttl % 1_000 !== 0;
  const exempt = (request: unknown, context: unknown): boolean => {
    const agent = (request as { headers: Record<string, string | undefined> }).headers['user-agent'] ?? '';
    return skipIf?.(context as ExecutionContext) === true || ignoreUserAgents.some((pattern) => pattern.test(agent));
  };
  return {
    ...(ask.key === undefined ? {} : { key: ask.key }),
    ...(dynamic
      ? { limit: async (_request, context) => ({ limit: await resolve(limit, context), periodMs: await resolve(ttl, context) }) }
      : {}),
    ...(skipIf === undefined && ignoreUserAgents.length === 0 ? {} : { exempt }),
  };
}

function isList(options: ThrottlerOptions): options is readonly NamedThrottler[] {
  return Array.isArray(options);
}
