import { randomBytes } from 'node:crypto';

/** `WAYGATE_ADMIN_PASSWORD`; in development `secret`; elsewhere nobody gets in who was not given one. */
export function adminPassword(): string {
  const given = process.env['WAYGATE_ADMIN_PASSWORD'];
  if (given !== undefined && given !== '') return given;
  return isDevelopment() ? 'secret' : randomBytes(32).toString('hex');
}

/** Whether the well-known password holds. */
export function isDevelopment(): boolean {
  return process.env['NODE_ENV'] !== 'production' && (process.env['APP_ENV'] ?? 'dev') === 'dev';
}
