export { WaygateAdminModule } from './waygate-admin.module.js';
export {
  WAYGATE_ADMIN_OPTIONS,
  type AdminAuth,
  type AdminAuthenticator,
  type AdminIdentity,
  type AdminUser,
  type OfrepOptions,
  type OidcOptions,
  type SignInLimits,
  type WaygateAdminOptions,
} from './config/waygate-admin.options.js';
export { hashPassword, type ScryptCost } from './config/password.js';
