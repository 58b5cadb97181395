import { randomBytes } from 'node:crypto';
import { ConfigurationError, toDuration, ValidationError, type DurationInput } from '@waygate/core';
import { NO_PASSWORDS, readAuthenticator, type Authenticator } from './authenticator.js';
import { readHostNames } from './host-names.js';
import { readOidcOptions, type OidcConfig } from './oidc-config.js';
import type { OfrepOptions, WaygateAdminOptions } from './waygate-admin.options.js';

/** {@link OfrepOptions} with nothing left open. */
interface OfrepConfig {
  /** Segments joined by `/`; `null` = nowhere but below the admin's path. */
  readonly path: string | null;
  readonly cors: '*' | readonly string[];
}

/** Options with nothing left open. */
export interface AdminConfig {
  /** Segments joined by `/`, none around it; empty = everything. */
  readonly path: string;
  /** `null` = everybody may do everything. */
  readonly authenticator: Authenticator | null;
  /** Host names at which an admin without sign-in answers, beside IP addresses and `localhost`. */
  readonly hosts: ReadonlySet<string>;
  /** `null` = nobody signs in at an identity provider. */
  readonly oidc: OidcConfig | null;
  readonly ofrep: OfrepConfig;
  readonly secretKeys: readonly string[];
  readonly tokenExpiryMs: number;
  readonly sdkTokenExpiryMs: number;
  /** Whether requests of the app are counted. */
  readonly stats: boolean;
  readonly signInLimits: { readonly perAccount: number; readonly perAddress: number; readonly periodMs: number };
}

/** Injection token of {@link AdminConfig}. */
export const ADMIN_CONFIG = Symbol('ADMIN_CONFIG');

const SEGMENT = /^[A-Za-z0-9._~-]+$/;
const DAY_MS = 86_400_000;

/** @throws {ConfigurationError} naming the option that is wrong, and for an admin that would be open to everybody */
export function readAdminOptions(options: WaygateAdminOptions, nodeEnv = process.env['NODE_ENV']): AdminConfig {
  const {
    auth,
    oidc,
    path = 'waygate',
    secretKey,
    tokenExpiry,
    sdkTokenExpiry,
    signInLimits = {},
    allowInsecure = false,
  } = options;
  if ((auth === undefined || auth === null) && oidc === undefined) {
    throw new ConfigurationError(
      "The admin needs option 'auth': a user, a list of users, an object with 'authenticate', or 'none' to let everybody in; or option 'oidc'.",
    );
  }
  if (auth === 'none' && oidc !== undefined)
    throw new ConfigurationError(
      "auth: 'none' lets everybody in, so that nobody would ever sign in by option 'oidc'. Leave one out.",
    );
  if (auth === 'none' && nodeEnv === 'production' && !allowInsecure) {
    throw new ConfigurationError(
      "auth: 'none' lets everybody change everything and is refused while NODE_ENV is 'production'. Give users, or 'allowInsecure: true'.",
    );
  }
  const mountPath = readPath(path, 'path');
  return {
    path: mountPath,
    ofrep: readOfrep(options.ofrep),
    authenticator: auth === 'none' ? null : auth == null ? NO_PASSWORDS : readAuthenticator(auth),
    hosts: readHostNames(options.hosts),
    oidc: oidc === undefined ? null : readOidcOptions(oidc, mountPath),
    secretKeys: readSecretKeys(secretKey),
    tokenExpiryMs: duration(tokenExpiry ?? DAY_MS, 'tokenExpiry'),
    sdkTokenExpiryMs: duration(sdkTokenExpiry ?? 365 * DAY_MS, 'sdkTokenExpiry'),
    stats: options.stats ?? true,
    signInLimits: {
      perAccount: attempts(signInLimits.perAccount ?? 10, 'perAccount'),
      perAddress: attempts(signInLimits.perAddress ?? 50, 'perAddress'),
      periodMs: Math.max(1_000, duration(signInLimits.period ?? 15 * 60_000, 'signInLimits.period')),
    },
  };
}

function readOfrep({ path, cors = [] }: OfrepOptions = {}): OfrepConfig {
  if (cors !== '*' && (!Array.isArray(cors) || !cors.every(isOrigin)))
    throw new ConfigurationError(
      "Option 'ofrep.cors' must be '*' or a list of origins such as 'https://shop.example': scheme, host and port, no path.",
    );
  return { path: path === undefined ? null : readPath(path, 'ofrep.path'), cors };
}

function isOrigin(origin: unknown): boolean {
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin;
}

function readPath(path: string, option: string): string {
  const segments = String(path)
    .split('/')
    .filter((segment) => segment !== '');
  const bad = segments.find((segment) => !SEGMENT.test(segment) || /^\.+$/.test(segment));
  if (bad === undefined) return segments.join('/');
  throw new ConfigurationError(`Option '${option}' must be plain segments such as 'waygate' or 'ops/waygate', got '${bad}'.`);
}

function readSecretKeys(secretKey: WaygateAdminOptions['secretKey']): readonly string[] {
  if (secretKey === undefined) return [randomBytes(32).toString('hex')];
  const keys = typeof secretKey === 'string' ? [secretKey] : secretKey;
  if (!Array.isArray(keys) || keys.length === 0 || keys.some((key) => typeof key !== 'string' || key.length < 16)) {
    throw new ConfigurationError(
      "Option 'secretKey' must be text of at least 16 characters, or a list of such. Make one with: openssl rand -hex 32",
    );
  }
  return keys;
}

function attempts(count: number, field: string): number {
  if (Number.isInteger(count) && count >= 1 && count <= 1_000_000) return count;
  throw new ConfigurationError(`Option 'signInLimits.${field}' must be a whole number of at least 1, got '${String(count)}'.`);
}

function duration(input: DurationInput, field: string): number {
  try {
    return toDuration(input, field);
  } catch (error) {
    if (error instanceof ValidationError) throw new ConfigurationError(`Option '${field}' ${error.problem}.`, { cause: error });
    throw error;
  }
}
