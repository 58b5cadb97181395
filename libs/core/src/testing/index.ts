export { backendContract, type BackendFactory, type ContractCase } from './backend-contract.js';
export { counterStoreContract, type CounterStoreFactory } from './counter-store-contract.js';
export { overrideFlags } from './override-flags.js';
