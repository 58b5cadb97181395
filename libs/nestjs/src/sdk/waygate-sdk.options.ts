import type { WaygateServerBackendOptions } from '@waygate/client/backend';
import type { WaygateModuleOptions } from '../config/waygate.options.js';

/** Options of `WaygateSdkModule.forRoot`: those of `WaygateModule`, with a server in place of a backend. */
export interface WaygateSdkOptions
  extends
    Omit<WaygateModuleOptions, 'backend' | 'service' | 'webhooks'>,
    Pick<
      WaygateServerBackendOptions,
      'token' | 'username' | 'password' | 'ca' | 'reconnectDelay' | 'flagsInterval' | 'instanceId' | 'version'
    > {
  /** Where the server's admin is mounted, prefix included, e.g. `https://waygate.example`. */
  readonly serverUrl: string;
  /** Name of the service this app is: letters, digits, `.`, `_` and `-`. All replicas have the same. */
  readonly appId: string;
}
