export { WaygateServerBackend, type WaygateServerBackendOptions } from './waygate-server-backend.js';
