export { WaygateThrottlerStorage } from './throttler-storage.js';
