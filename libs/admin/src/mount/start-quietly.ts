import { Logger, type LoggerService, type LogLevel } from '@nestjs/common';

/** Contexts under which Nest tells of each step of a start: modules, controllers, hundreds of routes. */
const STEPS: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

type Told = readonly [message: unknown, ...rest: unknown[]];

/** Where Nest's loggers write to. A version of Nest that keeps these elsewhere tells every step, and loses nothing. */
class Written extends Logger {
  static to(): LoggerService | undefined {
    return Written.staticInstanceRef;
  }

  /** Whether the app keeps what is logged until it has started (`bufferLogs`). */
  static isHeldBack(): boolean {
    return Reflect.get(Logger, 'isBufferAttached') === true;
  }
}

/** Loggers of starts that are over, and what they stood before: starts overlap where a process runs several apps. */
const OVER = new WeakMap<LoggerService, LoggerService>();

function stillMeant(logger: LoggerService): LoggerService {
  const before = OVER.get(logger);
  return before === undefined ? logger : stillMeant(before);
}

/**
 * Starts an application inside another one. The steps of its start are not told: the log of the app tells of the app. Warnings and errors
 * are, and whatever others log meanwhile.
 */
export async function startQuietly<T>(start: () => Promise<T>): Promise<T> {
  const loud = Written.to();
  if (loud === undefined) return start();
  const isHeldBack = Written.isHeldBack();
  const held: (readonly [LogLevel, Told])[] = [];
  const tell = (level: LogLevel, told: Told): void => {
    // Another start that began meanwhile tells it here, also when this one is over.
    if (isHeldBack && !OVER.has(quiet)) held.push([level, told]);
    else loud[level]?.(...told);
  };
  const quiet: LoggerService = {
    log: (...told: Told) => {
      if (!STEPS.has(told.at(-1))) tell('log', told);
    },
    error: (...told: Told) => tell('error', told),
    warn: (...told: Told) => tell('warn', told),
    debug: (...told: Told) => tell('debug', told),
    verbose: (...told: Told) => tell('verbose', told),
    fatal: (...told: Told) => tell('fatal', told),
  };
  Logger.detachBuffer();
  Logger.overrideLogger(quiet);
  try {
    return await start();
  } finally {
    OVER.set(quiet, loud);
    // Whoever gave the app another logger meanwhile meant it.
    if (Written.to() === quiet) Logger.overrideLogger(stillMeant(quiet));
    if (isHeldBack) Logger.attachBuffer();
    for (const [level, told] of held) Logger[level](...told);
  }
}
