export { WaygateOpenFeatureModule, type WaygateOpenFeatureOptions } from './waygate-openfeature.module.js';
export { WaygateProvider } from './waygate.provider.js';
export { WaygateTransactionContext } from './transaction-context.js';
