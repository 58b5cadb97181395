export { WaygateThrottlerStorage } from './waygate-throttler-storage.js';
