import type { JsonValue } from '../model/json.js';
import type { ErrorCode } from './flag-details.js';

// The shapes of OpenFeature's server client, so that Waygate's own client stands where that one does without the core depending on an
// SDK. Enums bear the names of the SDK's: enums of the same name and members are assignable to each other.

export type OpenFeatureContextValue =
  boolean | number | string | null | Date | { [key: string]: OpenFeatureContextValue } | OpenFeatureContextValue[];

export type OpenFeatureContext = { targetingKey?: string } & Record<string, OpenFeatureContextValue>;

export type OpenFeatureValueType = 'boolean' | 'string' | 'number' | 'object';

export enum ServerProviderStatus {
  NOT_READY = 'NOT_READY',
  READY = 'READY',
  ERROR = 'ERROR',
  STALE = 'STALE',
  FATAL = 'FATAL',
}

export enum ServerProviderEvents {
  Ready = 'PROVIDER_READY',
  Error = 'PROVIDER_ERROR',
  ConfigurationChanged = 'PROVIDER_CONFIGURATION_CHANGED',
  Stale = 'PROVIDER_STALE',
}

export interface OpenFeatureDetails<T> {
  flagKey: string;
  value: T;
  variant?: string;
  reason?: string;
  flagMetadata: Readonly<Record<string, string | number | boolean>>;
  errorCode?: ErrorCode;
  errorMessage?: string;
}

export interface OpenFeatureLogger {
  error(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  info(...args: unknown[]): void;
  debug(...args: unknown[]): void;
}

export interface OpenFeatureClientMetadata {
  readonly name?: string;
  readonly domain?: string;
  readonly version?: string;
  readonly sdk?: 'js-web' | 'js-server';
  readonly paradigm?: 'server' | 'client';
  readonly providerMetadata: { readonly name: string };
}

/** What a hook keeps from one of its stages to the next. */
interface OpenFeatureHookData {
  set(key: string, value: unknown): void;
  get(key: string): unknown;
  has(key: string): boolean;
  delete(key: string): boolean;
  clear(): void;
}

export type OpenFeatureHookHints = Readonly<Record<string, unknown>>;

export interface OpenFeatureHookContext {
  readonly flagKey: string;
  readonly defaultValue: JsonValue;
  readonly flagValueType: OpenFeatureValueType;
  readonly context: Readonly<OpenFeatureContext>;
  readonly clientMetadata: OpenFeatureClientMetadata;
  readonly providerMetadata: { readonly name: string };
  readonly logger: OpenFeatureLogger;
  readonly hookData: OpenFeatureHookData;
}

/** Code that runs around an evaluation (specification, section 4). */
export interface OpenFeatureHook {
  /** May return what is to be added to the context. */
  before?(
    hookContext: OpenFeatureHookContext,
    hints?: OpenFeatureHookHints,
  ): Promise<OpenFeatureContext | void> | OpenFeatureContext | void;
  after?(
    hookContext: OpenFeatureHookContext,
    details: OpenFeatureDetails<JsonValue>,
    hints?: OpenFeatureHookHints,
  ): Promise<void> | void;
  error?(hookContext: OpenFeatureHookContext, error: unknown, hints?: OpenFeatureHookHints): Promise<void> | void;
  finally?(
    hookContext: OpenFeatureHookContext,
    details: OpenFeatureDetails<JsonValue>,
    hints?: OpenFeatureHookHints,
  ): Promise<void> | void;
}

export interface OpenFeatureEvaluationOptions {
  hooks?: OpenFeatureHook[];
  hookHints?: OpenFeatureHookHints;
}

export interface OpenFeatureEventDetails {
  readonly providerName: string;
  readonly clientName?: string;
  readonly domain?: string;
  readonly message?: string;
  /** With `PROVIDER_CONFIGURATION_CHANGED`: keys of flags that may resolve differently now. */
  readonly flagsChanged?: string[];
  readonly [key: string]: unknown;
}

export type OpenFeatureEventHandler = (details?: OpenFeatureEventDetails) => unknown;

/** Something that happened, told to whoever evaluates how flags do. */
export type OpenFeatureTrackingDetails = { value?: number } & Record<string, OpenFeatureContextValue>;
