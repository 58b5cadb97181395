import type { EvaluationContext } from '../model/evaluation-context.js';
import type { JsonValue } from '../model/json.js';
import { errorTrace } from '../native-errors/native-error.js';
import { ErrorCode, type FlagDetails } from './flag-details.js';
import type { FlagEvaluator } from './flag-evaluator.js';
import type { FlagKey } from './flag-types.js';
import { evaluateWithHooks } from './hook-run.js';
import {
  ServerProviderEvents,
  ServerProviderStatus,
  type OpenFeatureClientMetadata,
  type OpenFeatureContext,
  type OpenFeatureDetails,
  type OpenFeatureEvaluationOptions,
  type OpenFeatureEventDetails,
  type OpenFeatureEventHandler,
  type OpenFeatureHook,
  type OpenFeatureLogger,
  type OpenFeatureTrackingDetails,
  type OpenFeatureValueType,
} from './open-feature.js';

/** Something `track` was told. */
export interface TrackedEvent {
  /** Epoch ms. */
  readonly at: number;
  readonly name: string;
  readonly context: EvaluationContext;
  readonly details: OpenFeatureTrackingDetails;
}

export interface FlagClientOptions {
  readonly evaluator: FlagEvaluator;
  readonly onTrack: (name: string, context: EvaluationContext, details: OpenFeatureTrackingDetails) => void;
}

const METADATA: OpenFeatureClientMetadata = Object.freeze({
  name: 'waygate',
  domain: 'waygate',
  sdk: 'js-server',
  paradigm: 'server',
  providerMetadata: Object.freeze({ name: 'waygate' }),
});
const NO_OPTIONS: OpenFeatureEvaluationOptions = Object.freeze({});
const NO_CONTEXT: OpenFeatureContext = Object.freeze({});
const PROCESS_LOGGER: OpenFeatureLogger = {
  error: (...args) => process.emitWarning(args.map(String).join(' '), 'WaygateWarning'),
  warn: (...args) => process.emitWarning(args.map(String).join(' '), 'WaygateWarning'),
  info: () => undefined,
  debug: () => undefined,
};
/** The event that tells of a status, for handlers added while it holds (specification, 5.3.3). */
const EVENT_OF_STATUS: Readonly<Record<ServerProviderStatus, ServerProviderEvents | undefined>> = {
  [ServerProviderStatus.NOT_READY]: undefined,
  [ServerProviderStatus.FATAL]: undefined,
  [ServerProviderStatus.READY]: ServerProviderEvents.Ready,
  [ServerProviderStatus.STALE]: ServerProviderEvents.Stale,
  [ServerProviderStatus.ERROR]: ServerProviderEvents.Error,
};

/**
 * OpenFeature's client, without the way through the SDK: same methods, hooks and events. Evaluation itself never waits; the promises
 * are there because the interface has them.
 *
 * @example
 * const on = await engine.flagClient.getBooleanValue('new-checkout', false, { targetingKey: user.id });
 */
export class FlagClient {
  #status = ServerProviderStatus.NOT_READY;
  #hooks: readonly OpenFeatureHook[] = [];
  #context: OpenFeatureContext | null = null;
  #transactionContext: (() => EvaluationContext | undefined) | null = null;
  #logger: OpenFeatureLogger = PROCESS_LOGGER;
  readonly #handlers = new Map<string, Set<OpenFeatureEventHandler>>();

  constructor(private readonly options: FlagClientOptions) {}

  get metadata(): OpenFeatureClientMetadata {
    return METADATA;
  }

  get providerStatus(): ServerProviderStatus {
    return this.#status;
  }

  getBooleanValue(
    flagKey: FlagKey<boolean>,
    defaultValue: boolean,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<boolean> {
    if (this.#hooked(options)) return valueOf(this.#withHooks('boolean', flagKey, defaultValue, context, options));
    if (this.#status === ServerProviderStatus.NOT_READY) return Promise.resolve(defaultValue);
    return Promise.resolve(this.options.evaluator.boolean(flagKey, defaultValue, this.#merged(context)));
  }

  getBooleanDetails(
    flagKey: FlagKey<boolean>,
    defaultValue: boolean,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<OpenFeatureDetails<boolean>> {
    return this.#details('boolean', flagKey, defaultValue, context, options);
  }

  getStringValue<T extends string = string>(
    flagKey: FlagKey<string>,
    defaultValue: T,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<T> {
    if (this.#hooked(options)) return valueOf(this.#withHooks('string', flagKey, defaultValue, context, options));
    if (this.#status === ServerProviderStatus.NOT_READY) return Promise.resolve(defaultValue);
    return Promise.resolve(this.options.evaluator.string(flagKey, defaultValue, this.#merged(context)));
  }

  getStringDetails<T extends string = string>(
    flagKey: FlagKey<string>,
    defaultValue: T,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<OpenFeatureDetails<T>> {
    return this.#details('string', flagKey, defaultValue, context, options);
  }

  getNumberValue<T extends number = number>(
    flagKey: FlagKey<number>,
    defaultValue: T,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<T> {
    if (this.#hooked(options)) return valueOf(this.#withHooks('number', flagKey, defaultValue, context, options));
    if (this.#status === ServerProviderStatus.NOT_READY) return Promise.resolve(defaultValue);
    return Promise.resolve(this.options.evaluator.number(flagKey, defaultValue, this.#merged(context)));
  }

  getNumberDetails<T extends number = number>(
    flagKey: FlagKey<number>,
    defaultValue: T,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<OpenFeatureDetails<T>> {
    return this.#details('number', flagKey, defaultValue, context, options);
  }

  getObjectValue<T extends JsonValue = JsonValue>(
    flagKey: FlagKey<object>,
    defaultValue: T,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<T> {
    if (this.#hooked(options)) return valueOf(this.#withHooks('object', flagKey, defaultValue, context, options));
    if (this.#status === ServerProviderStatus.NOT_READY) return Promise.resolve(defaultValue);
    return Promise.resolve(this.options.evaluator.object(flagKey, defaultValue, this.#merged(context)));
  }

  getObjectDetails<T extends JsonValue = JsonValue>(
    flagKey: FlagKey<object>,
    defaultValue: T,
    context?: OpenFeatureContext,
    options?: OpenFeatureEvaluationOptions,
  ): Promise<OpenFeatureDetails<T>> {
    return this.#details('object', flagKey, defaultValue, context, options);
  }

  /** Hands an event to the engine's `track` event. Never throws. */
  track(name: string, context?: OpenFeatureContext, details: OpenFeatureTrackingDetails = {}): void {
    this.options.onTrack(name, this.#merged(context), details);
  }

  addHooks(...hooks: OpenFeatureHook[]): this {
    this.#hooks = [...this.#hooks, ...hooks];
    return this;
  }

  getHooks(): OpenFeatureHook[] {
    return [...this.#hooks];
  }

  clearHooks(): this {
    this.#hooks = [];
    return this;
  }

  /** Attributes for every evaluation of this client; those of the request and of the call go before them. */
  setContext(context: OpenFeatureContext): this {
    this.#context = Object.keys(context).length === 0 ? null : context;
    return this;
  }

  getContext(): OpenFeatureContext {
    return this.#context ?? {};
  }

  /** Where the context of the current request comes from; it goes beneath the client's own and the call's. `null` = there is none. */
  setTransactionContext(read: (() => EvaluationContext | undefined) | null): this {
    this.#transactionContext = read;
    return this;
  }

  setLogger(logger: OpenFeatureLogger): this {
    this.#logger = logger;
    return this;
  }

  /** Runs at once when the status that the event tells of holds already. */
  addHandler(eventType: string, handler: OpenFeatureEventHandler, options?: { signal?: AbortSignal }): void {
    let handlers = this.#handlers.get(eventType);
    if (handlers === undefined) this.#handlers.set(eventType, (handlers = new Set()));
    handlers.add(handler);
    options?.signal?.addEventListener('abort', () => this.removeHandler(eventType, handler), { once: true });
    const holding: string | undefined = EVENT_OF_STATUS[this.#status];
    if (holding === eventType) this.#call(handler, {});
  }

  removeHandler(eventType: string, handler: OpenFeatureEventHandler): void {
    this.#handlers.get(eventType)?.delete(handler);
  }

  getHandlers(eventType: string): OpenFeatureEventHandler[] {
    return [...(this.#handlers.get(eventType) ?? [])];
  }

  /** Whether anybody wants to know of an event. */
  hears(eventType: ServerProviderEvents): boolean {
    return (this.#handlers.get(eventType)?.size ?? 0) > 0;
  }

  /** The engine's: what became of the source of flags. */
  setStatus(status: ServerProviderStatus, message?: string): void {
    if (status === this.#status) return;
    this.#status = status;
    const event = EVENT_OF_STATUS[status];
    if (event === undefined) return;
    const errorCode = status === ServerProviderStatus.ERROR ? { errorCode: ErrorCode.GENERAL } : {};
    this.emit(event, message === undefined ? errorCode : { message, ...errorCode });
  }

  /** The engine's: tells handlers of an event. */
  emit(eventType: ServerProviderEvents, details: Omit<OpenFeatureEventDetails, 'providerName'>): void {
    for (const handler of this.#handlers.get(eventType) ?? []) this.#call(handler, details);
  }

  #details<T extends JsonValue>(
    type: OpenFeatureValueType,
    flagKey: string,
    defaultValue: T,
    context: OpenFeatureContext | undefined,
    options: OpenFeatureEvaluationOptions | undefined,
  ): Promise<OpenFeatureDetails<T>> {
    if (this.#hooked(options)) return this.#withHooks(type, flagKey, defaultValue, context, options);
    return Promise.resolve(this.#resolve(type, flagKey, defaultValue, this.#merged(context)));
  }

  #hooked(options: OpenFeatureEvaluationOptions | undefined): boolean {
    return this.#hooks.length > 0 || (options?.hooks !== undefined && options.hooks.length > 0);
  }

  #withHooks<T extends JsonValue>(
    flagValueType: OpenFeatureValueType,
    flagKey: string,
    defaultValue: T,
    context: OpenFeatureContext | undefined,
    options: OpenFeatureEvaluationOptions = NO_OPTIONS,
  ): Promise<OpenFeatureDetails<T>> {
    return evaluateWithHooks({
      hooks: [...this.#hooks, ...(options.hooks ?? [])],
      flagKey,
      defaultValue,
      flagValueType,
      context: this.#merged(context) as OpenFeatureContext,
      clientMetadata: METADATA,
      logger: this.#logger,
      options,
      resolve: (merged) => this.#resolve(flagValueType, flagKey, defaultValue, merged),
    });
  }

  #resolve<T extends JsonValue>(
    type: OpenFeatureValueType,
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): OpenFeatureDetails<T> {
    if (this.#status === ServerProviderStatus.NOT_READY) return notReady(flagKey, defaultValue);
    return toOpenFeature(this.options.evaluator.details(flagKey, defaultValue, context, type));
  }

  /** Transaction, client, invocation: later ones win (specification, 3.2.3). Nothing is copied where there is only one. */
  #merged(invocation: OpenFeatureContext | undefined): EvaluationContext {
    const transaction = this.#transactionContext?.();
    if (this.#context === null) {
      if (transaction === undefined) return invocation ?? NO_CONTEXT;
      return invocation === undefined ? transaction : { ...transaction, ...invocation };
    }
    return { ...transaction, ...this.#context, ...invocation };
  }

  #call(handler: OpenFeatureEventHandler, details: Omit<OpenFeatureEventDetails, 'providerName'>): void {
    const failed = (error: unknown) => this.#logger.error(`An event handler failed: ${errorTrace(error)}`);
    try {
      const done = handler({
        ...details,
        providerName: METADATA.providerMetadata.name,
        clientName: 'waygate',
        domain: 'waygate',
      });
      if (done instanceof Promise) done.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** Details in OpenFeature's shape. */
export function toOpenFeature<T>(details: FlagDetails<T>): OpenFeatureDetails<T> {
  const { flagKey, value, variation, openFeatureReason, metadata, errorCode, errorMessage } = details;
  const resolved: OpenFeatureDetails<T> = { flagKey, value, reason: openFeatureReason, flagMetadata: metadata };
  if (variation !== null) resolved.variant = variation;
  if (errorCode !== undefined) resolved.errorCode = errorCode;
  if (errorMessage !== undefined) resolved.errorMessage = errorMessage;
  return resolved;
}

async function valueOf<T>(details: Promise<OpenFeatureDetails<T>>): Promise<T> {
  return (await details).value;
}

function notReady<T>(flagKey: string, value: T): OpenFeatureDetails<T> {
  return {
    flagKey,
    value,
    reason: 'ERROR',
    flagMetadata: {},
    errorCode: ErrorCode.PROVIDER_NOT_READY,
    errorMessage: 'The engine was not opened yet.',
  };
}
