export { WaygateSdkModule, type WaygateSdkAsyncOptions } from './waygate-sdk.module.js';
export type { WaygateSdkOptions } from './waygate-sdk.options.js';
