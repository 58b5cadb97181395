export { WaygateServerBackend, type WaygateServerBackendOptions } from './server-backend.js';
