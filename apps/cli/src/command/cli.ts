import type { WaygateClient } from '@waygate/client';
import type { Output } from '../terminal/output.js';
import type { Settings } from './settings.js';

/** What a command works with. */
export interface Cli {
  readonly out: Output;
  readonly settings: Settings;
  /** Made at the first call, since some commands need no server. */
  readonly client: () => Promise<WaygateClient>;
  /** Offset of the server's clock in milliseconds, as of the last answer; `null` = it does not say. */
  readonly clockSkewMs: () => number | null;
}
