export { WaygateServerModule, type WaygateServerOptions } from './waygate-server.module.js';
