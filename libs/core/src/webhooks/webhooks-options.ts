import { ConfigurationError, ValidationError } from '../model/errors.js';
import { toDuration, type DurationInput } from '../model/time.js';
import { AddressGuard } from './address-guard.js';
import { BUILT_IN_FORMATTERS, type WebhookFormatter } from './formatters.js';
import { RETRY_DELAYS } from './retry-plan.js';

/** What a webhook is made from; everything but the URL may be left out. */
export interface WebhookInput {
  /** 1 to 128 letters, digits, `.`, `_`, `-`. Default: made from the URL. Names the webhook for good. */
  readonly name?: string;
  /** Event names, or beginnings of names as `flag_*`. Default: every change of how the API behaves. */
  readonly events?: readonly string[];
  /** `waygate` (default), `slack`, `teams`, `discord`, the name of one of `webhooks.formatters`, or a function. */
  readonly formatter?: string | WebhookFormatter;
  /** `whsec_` and 24 to 64 bytes in base64. Default: one is made. */
  readonly secret?: string;
  /** For operators. At most 500 characters. */
  readonly description?: string;
}

/** A webhook the code declares: written at boot where it is not there yet, and changed when the code changes. */
export interface WebhookDeclaration extends WebhookInput {
  readonly url: string;
}

export interface WebhooksOptions {
  /** Webhooks of the code. They are known by name, else by URL, so that a boot does not add them again. */
  readonly declared?: readonly WebhookDeclaration[];
  /** Formats of your own, by the name that webhooks call them by. */
  readonly formatters?: Readonly<Record<string, WebhookFormatter>>;
  /** CIDR blocks, addresses and host names that webhooks may reach although they are not public, also by http. Default: none. */
  readonly allow?: readonly string[];
  /** Takes `http://` to public hosts as well. Default `false`. */
  readonly allowInsecure?: boolean;
  /** `false`: this process records what is to be delivered and leaves the sending to others. Default `true`. */
  readonly deliver?: boolean;
  /** Upper bounds of the waits between attempts. Default: 5 s growing to 8 h, 11 attempts within a day. */
  readonly retryDelays?: readonly DurationInput[];
  /** For one attempt as a whole. Default 10 s, at most 60 s. */
  readonly timeout?: DurationInput;
  /** Deliveries this process sends at a time to one webhook; to all together 16 times as many. Default 4. */
  readonly concurrency?: number;
}

/** {@link WebhooksOptions} with nothing left open. */
export interface WebhooksConfig {
  readonly declared: readonly WebhookDeclaration[];
  readonly formatters: ReadonlyMap<string, WebhookFormatter>;
  readonly guard: AddressGuard;
  readonly allowInsecure: boolean;
  readonly deliver: boolean;
  readonly retryDelays: readonly number[];
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** @throws {ConfigurationError} naming the option; declared webhooks are checked where they are declared */
export function readWebhooksOptions(options: WebhooksOptions = {}): WebhooksConfig {
  const { declared = [], formatters = {}, allow = [], allowInsecure = false, deliver = true, concurrency = 4 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 100)
    throw new ConfigurationError(
      `Option 'webhooks.concurrency' must be a whole number from 1 to 100, got ${String(concurrency)}.`,
    );
  const timeoutMs = readDuration(options.timeout ?? 10_000, 'webhooks.timeout');
  if (timeoutMs > 60_000) throw new ConfigurationError("Option 'webhooks.timeout' must be at most 60 s.");
  return {
    declared,
    formatters: readFormatters(formatters),
    guard: readAllow(allow),
    allowInsecure,
    deliver,
    retryDelays:
      options.retryDelays?.map((delay, index) => readDuration(delay, `webhooks.retryDelays[${index}]`)) ?? RETRY_DELAYS,
    timeoutMs,
    concurrency,
  };
}

function readDuration(input: DurationInput, option: string): number {
  try {
    return toDuration(input, option);
  } catch (error) {
    if (error instanceof ValidationError) throw new ConfigurationError(`Option '${option}': ${error.problem}.`, { cause: error });
    throw error;
  }
}

function readFormatters(formatters: Readonly<Record<string, WebhookFormatter>>): ReadonlyMap<string, WebhookFormatter> {
  const all = new Map(Object.entries(BUILT_IN_FORMATTERS));
  for (const [name, formatter] of Object.entries(formatters)) {
    if (all.has(name) || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
      throw new ConfigurationError(
        `Option 'webhooks.formatters': '${name}' cannot name a formatter. Use letters, digits, '.', '_' and '-', and no built-in name.`,
      );
    if (typeof formatter !== 'function') throw new ConfigurationError(`Option 'webhooks.formatters.${name}' must be a function.`);
    all.set(name, formatter);
  }
  return all;
}

function readAllow(allow: readonly string[]): AddressGuard {
  try {
    return new AddressGuard(allow);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigurationError(
      `Option 'webhooks.allow': '${error.message}' is no CIDR block, address or host name, e.g. '10.0.0.0/8' or 'localhost'.`,
      { cause: error },
    );
  }
}
