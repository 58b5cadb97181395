export { WaygateHealthIndicator, type WaygateHealthOptions } from './waygate.health.js';
