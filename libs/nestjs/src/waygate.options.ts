import type { WaygateEngineOptions } from '@waygate/core';
import type { BlockResponder } from './enforcement/custom-response.js';

/** Options of `WaygateModule.forRoot`; every one may be left out. */
export interface WaygateModuleOptions extends WaygateEngineOptions {
  /**
   * `global` (default) covers every route. `manual` covers only what carries `@UseWaygate()`, and leaves unknown paths alone.
   */
  readonly enforcement?: 'global' | 'manual';
  /**
   * What a route says outside of its environments. `not-found` (default): exactly what an unknown path gets.
   * `forbidden`: 403 with `ENV_GATED`, naming the environments.
   */
  readonly envGate?: 'not-found' | 'forbidden';
  /** Answers for blocked callers in place of the built-in JSON, for all routes that have none of their own. */
  readonly responses?: {
    readonly maintenance?: BlockResponder;
    readonly disabled?: BlockResponder;
    /** Gives up that gated routes look like unknown ones. */
    readonly envGated?: BlockResponder;
  };
}

/** Injection token of the module's options. */
export const WAYGATE_OPTIONS = Symbol('WAYGATE_OPTIONS');
