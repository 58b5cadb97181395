export { WaygateSwagger } from './waygate-swagger.js';
