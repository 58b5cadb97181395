export { WaygateOpenFeatureModule, type WaygateOpenFeatureOptions } from './waygate-openfeature.module.js';
export { WaygateProvider } from './waygate.provider.js';
export { WaygateTransactionContext } from './waygate-transaction-context.js';
