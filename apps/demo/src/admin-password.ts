import { randomBytes } from 'node:crypto';

/** `WAYGATE_ADMIN_PASSWORD`; in development `secret`; elsewhere nobody gets in who was not given one. */
export function adminPassword(): string {
  if (isPasswordKnown()) return 'secret';
  return process.env['WAYGATE_ADMIN_PASSWORD'] || randomBytes(32).toString('hex');
}

/** Whether the well-known password holds. */
export function isPasswordKnown(): boolean {
  const isDevelopment = process.env['NODE_ENV'] !== 'production' && (process.env['APP_ENV'] ?? 'dev') === 'dev';
  return isDevelopment && (process.env['WAYGATE_ADMIN_PASSWORD'] ?? '') === '';
}
