import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import { isError } from '@waygate/core/native-errors';
import type { LogLevel } from '../settings/settings.js';

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
const MOST_CHARACTERS = 8_000;
/** What Nest tells of its own start is of no interest to who runs a server. */
const CHATTER: ReadonlySet<string> = new Set([
  'NestFactory',
  'NestApplication',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
]);

/** The request that is being answered. */
export const CURRENT_REQUEST = new AsyncLocalStorage<{ readonly id: string }>();

/** One line of JSON for each thing that is told: `time`, `level`, `context`, `message`, and the id of the request it belongs to. */
export class JsonLogger implements LoggerService {
  constructor(
    private readonly level: LogLevel,
    private readonly write: (line: string) => void = (line) => void process.stdout.write(line),
  ) {}

  log(message: unknown, ...more: unknown[]): void {
    const context = contextOf(more);
    this.#tell(CHATTER.has(context) ? 'debug' : 'info', message, context);
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.#tell('warn', message, contextOf(more));
  }

  /** Nest gives the stack before the context. */
  error(message: unknown, ...more: unknown[]): void {
    const stack = more.length > 1 && typeof more[0] === 'string' ? { stack: cut(more[0]) } : {};
    this.#tell('error', message, contextOf(more), stack);
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.error(message, ...more);
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.#tell('debug', message, contextOf(more));
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.debug(message, ...more);
  }

  /** A line with members of its own. */
  event(level: LogLevel, message: string, members: Readonly<Record<string, unknown>>): void {
    this.#tell(level, message, 'WaygateServer', members);
  }

  #tell(level: LogLevel, message: unknown, context: string, members: Readonly<Record<string, unknown>> = {}): void {
    if (RANK[level] > RANK[this.level]) return;
    const request = CURRENT_REQUEST.getStore();
    const line = {
      time: new Date().toISOString(),
      level,
      context,
      message: cut(isError(message) ? message.message : typeof message === 'string' ? message : JSON.stringify(message)),
      ...(request === undefined ? {} : { request: request.id }),
      ...members,
    };
    this.write(`${JSON.stringify(line)}\n`);
  }
}

function contextOf(more: readonly unknown[]): string {
  const last = more.at(-1);
  return typeof last === 'string' && last.length < 100 ? last : 'Waygate';
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
