import {
  ErrorCode,
  OpenFeatureEventEmitter,
  ProviderFatalError,
  ProviderNotReadyError,
  ServerProviderEvents,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/server-sdk';
import { toOpenFeature, WaygateEngine, type Health, type Unsubscribe } from '@waygate/core';

type ConfigurationChanged = (details?: { readonly flagsChanged?: string[] }) => void;

/**
 * Waygate's flags for the official OpenFeature SDK. Evaluation reads the engine's snapshot and never waits.
 *
 * The engine belongs to the app: the provider opens it if necessary, and never closes it.
 *
 * @example
 * ```ts
 * await OpenFeature.setProviderAndWait('checkout', new WaygateProvider(engine));
 * const on = await OpenFeature.getClient('checkout').getBooleanValue('new-checkout', false, { targetingKey: 'user-1' });
 * ```
 */
export class WaygateProvider implements Provider {
  readonly metadata = { name: 'waygate' } as const;
  readonly runsOn = 'server';
  readonly hooks = [];
  readonly events = new OpenFeatureEventEmitter();
  #ending: Unsubscribe[] = [];
  #told: Health['status'] = 'starting';

  constructor(private readonly engine: WaygateEngine) {}

  /** Rejects while there is no state to evaluate. Later changes are reported by events. */
  async initialize(): Promise<void> {
    if (this.engine.health.status === 'closed') throw new ProviderFatalError('The engine was closed.');
    await this.engine.open();
    this.#follow();
    const { status, reason, revision } = this.engine.health;
    this.#told = status;
    if (status === 'ready') return;
    if (revision === 0) throw new ProviderNotReadyError(reason);
    // The SDK tells that the provider is ready once this is done; that it is stale comes after.
    setImmediate(() => this.events.emit(ServerProviderEvents.Stale, { message: reason }));
  }

  async onClose(): Promise<void> {
    for (const end of this.#ending) end();
    this.#ending = [];
  }

  resolveBooleanEvaluation(flagKey: string, fallback: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>> {
    return Promise.resolve(this.#resolve('boolean', flagKey, fallback, context));
  }

  resolveStringEvaluation(flagKey: string, fallback: string, context: EvaluationContext): Promise<ResolutionDetails<string>> {
    return Promise.resolve(this.#resolve('string', flagKey, fallback, context));
  }

  resolveNumberEvaluation(flagKey: string, fallback: number, context: EvaluationContext): Promise<ResolutionDetails<number>> {
    return Promise.resolve(this.#resolve('number', flagKey, fallback, context));
  }

  resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return Promise.resolve(this.#resolve('object', flagKey, fallback, context));
  }

  /** Hands an event to the engine's `track` event. */
  track(name: string, context: EvaluationContext, details: TrackingEventDetails = {}): void {
    this.engine.flagClient.track(name, context, details);
  }

  #resolve<T>(type: string, flagKey: string, fallback: T, context: EvaluationContext): ResolutionDetails<T> {
    const evaluated = this.engine.sync.flags.evaluate(flagKey, context);
    const { value } = evaluated;
    if (value === null) return { ...toOpenFeature(evaluated), value: fallback };
    if (typeof value === type) return { ...toOpenFeature(evaluated), value: value as T };
    return {
      value: fallback,
      reason: 'ERROR',
      errorCode: ErrorCode.TYPE_MISMATCH,
      errorMessage: `The flag '${flagKey}' gives a value of the type ${typeof value}, not ${type}.`,
      flagMetadata: evaluated.metadata,
    };
  }

  #follow(): void {
    const { events, flagClient } = this.engine;
    const changed: ConfigurationChanged = (details) =>
      this.events.emit(ServerProviderEvents.ConfigurationChanged, { flagsChanged: details?.flagsChanged ?? [] });
    flagClient.addHandler(ServerProviderEvents.ConfigurationChanged, changed);
    this.#ending.push(
      () => flagClient.removeHandler(ServerProviderEvents.ConfigurationChanged, changed),
      events.on('health', (health) => this.#tell(health)),
    );
  }

  #tell({ status, reason }: Health): void {
    if (status === this.#told) return;
    this.#told = status;
    if (status === 'ready') this.events.emit(ServerProviderEvents.Ready, {});
    else if (status === 'stale' || status === 'state-lost') this.events.emit(ServerProviderEvents.Stale, { message: reason });
    // Evaluation goes on from the last snapshot, which nothing brings up to date any more.
    else this.events.emit(ServerProviderEvents.Error, { message: reason, errorCode: ErrorCode.GENERAL });
  }
}
