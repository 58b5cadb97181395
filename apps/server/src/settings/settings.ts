import type { AdminUser } from '@waygate/admin';
import { toDuration, ValidationError, type WebhookDeclaration } from '@waygate/core';
import { readBackendAddress, type BackendAddress } from './backend-address.js';
import { each, oneOf, SettingError, text, wholeNumber, yesOrNo, type Setting } from './setting.js';
import { readStoredUser, readUser } from './users.js';
import { readWebhook } from './read-webhook.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Everything the server can be told. What is `undefined` was not set and has no default. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly backend: BackendAddress;
  readonly namespace: string;
  readonly 'backend-token'?: string;
  readonly 'backend-user'?: readonly [username: string, password: string];
  readonly snapshot?: string;
  readonly 'audit-capacity'?: number;
  readonly 'audit-max-age'?: number;
  readonly user: readonly AdminUser[];
  readonly auth?: 'none';
  readonly 'allow-insecure': boolean;
  readonly 'host-names': readonly string[];
  readonly 'secret-key'?: readonly string[];
  readonly 'token-expiry'?: number;
  readonly 'sdk-token-expiry'?: number;
  readonly 'tls-cert'?: string;
  readonly 'tls-key'?: string;
  readonly 'trusted-proxies': readonly string[];
  readonly webhook: readonly WebhookDeclaration[];
  readonly 'webhook-allow': readonly string[];
  readonly drain: number;
  readonly 'log-level': LogLevel;
}

function duration(given: unknown): number {
  try {
    return toDuration(typeof given === 'number' ? given : String(given), 'value');
  } catch (error) {
    if (error instanceof ValidationError) throw new SettingError(error.problem);
    throw error;
  }
}

function account(given: unknown): readonly [string, string] {
  const line = text(given);
  const colon = line.indexOf(':');
  if (colon < 1 || colon === line.length - 1) throw new SettingError('must be name:password');
  return [line.slice(0, colon), line.slice(colon + 1)];
}

function namespace(given: unknown): string {
  const name = text(given);
  if (/^[\w.:-]{1,128}$/.test(name)) return name;
  throw new SettingError(`must have 1 to 128 letters, digits, '.', ':', '_' or '-', got '${name}'`);
}

function sessionKey(given: unknown): string {
  const key = text(given);
  if (key.length >= 16) return key;
  // A phrase in a variable comes here word by word.
  throw new SettingError(
    'must have at least 16 characters; in a variable several keys are separated by white space, so that none can contain any',
  );
}

/** Every setting, in the order of the help. */
export const SETTINGS: { readonly [K in keyof Settings]-?: Setting<NonNullable<Settings[K]>> } = {
  port: {
    name: 'port',
    short: 'p',
    variable: 'WAYGATE_PORT',
    value: 'PORT',
    help: 'Port to listen on; 0 = any free one. Default 9000.',
    read: wholeNumber(0, 65_535),
  },
  host: {
    name: 'host',
    variable: 'WAYGATE_HOST',
    value: 'ADDRESS',
    help: 'Address to listen on. Default 0.0.0.0, all of them.',
    read: text,
  },
  backend: {
    name: 'backend',
    short: 'b',
    variable: 'WAYGATE_BACKEND',
    value: 'WHERE',
    help: "Where state lives: memory, file:PATH, redis://HOST, rediss://HOST, or http(s)://HOST of another server, whose relay this one is then. 'file' and 'redis' alone mean what WAYGATE_FILE_PATH (default waygate-state.json) and WAYGATE_REDIS_URL (default redis://localhost:6379/0) say. Default memory.",
    read: readBackendAddress,
  },
  namespace: {
    name: 'namespace',
    variable: 'WAYGATE_NAMESPACE',
    value: 'NAME',
    help: 'What the keys in Redis begin with. Servers of one namespace share their state. Default waygate.',
    read: namespace,
  },
  'backend-token': {
    name: 'backend-token',
    variable: 'WAYGATE_BACKEND_TOKEN',
    value: 'TOKEN',
    help: 'For a relay: an API token of the other server, of role admin and for all services.',
    read: text,
  },
  'backend-user': {
    name: 'backend-user',
    variable: 'WAYGATE_BACKEND_USER',
    value: 'NAME:PASSWORD',
    help: 'For a relay: an account of the other server, in place of a token.',
    read: account,
  },
  snapshot: {
    name: 'snapshot',
    variable: 'WAYGATE_SNAPSHOT',
    value: 'PATH',
    help: 'File for a copy of the last state, to start by while the backend is away. Default none.',
    read: text,
  },
  'audit-capacity': {
    name: 'audit-capacity',
    variable: 'WAYGATE_AUDIT_CAPACITY',
    value: 'NUMBER',
    help: 'How many audit entries are kept; the oldest go first. Default 10000.',
    read: wholeNumber(1, 10_000_000),
  },
  'audit-max-age': {
    name: 'audit-max-age',
    variable: 'WAYGATE_AUDIT_MAX_AGE',
    value: 'TIME',
    help: 'Audit entries older than that are not given out any more, e.g. 90d. Default no limit.',
    read: duration,
  },
  user: {
    name: 'user',
    short: 'u',
    variable: 'WAYGATE_USERS',
    value: 'NAME:PASSWORD[:ROLE]',
    many: true,
    help: "Somebody who may sign in; again for each. Role viewer, operator or admin (default). In place of the password may stand what 'waygate users hash-password' made of it; in the file it must.",
    read: each(readUser),
    readInFile: each(readStoredUser),
  },
  auth: {
    name: 'auth',
    variable: 'WAYGATE_AUTH',
    value: 'none',
    help: "'none' lets everybody do everything; without it there must be a user.",
    read: oneOf('none'),
  },
  'allow-insecure': {
    name: 'allow-insecure',
    variable: 'WAYGATE_ALLOW_INSECURE',
    value: null,
    help: "Allows 'auth: none' while NODE_ENV is production.",
    read: yesOrNo,
  },
  'host-names': {
    name: 'host-names',
    variable: 'WAYGATE_HOST_NAMES',
    value: 'NAME',
    many: true,
    help: "With 'auth: none': name at which the server answers beside IP addresses and localhost; again for each. Default none.",
    read: each(text),
  },
  'secret-key': {
    name: 'secret-key',
    variable: 'WAYGATE_SECRET_KEY',
    value: 'TEXT',
    many: true,
    help: 'Signs sessions; at least 16 characters, the same on every node. Again for old keys that are still accepted. Default random: sessions end with the process.',
    read: each(sessionKey),
  },
  'token-expiry': {
    name: 'token-expiry',
    variable: 'WAYGATE_TOKEN_EXPIRY',
    value: 'TIME',
    help: 'How long sessions of people last, e.g. 8h. Default 1d.',
    read: duration,
  },
  'sdk-token-expiry': {
    name: 'sdk-token-expiry',
    variable: 'WAYGATE_SDK_TOKEN_EXPIRY',
    value: 'TIME',
    help: 'How long sessions of services last. Default 365d.',
    read: duration,
  },
  'tls-cert': {
    name: 'tls-cert',
    variable: 'WAYGATE_TLS_CERT',
    value: 'PATH',
    help: 'Certificate chain (PEM) to serve https with; needs tls-key.',
    read: text,
  },
  'tls-key': {
    name: 'tls-key',
    variable: 'WAYGATE_TLS_KEY',
    value: 'PATH',
    help: 'Private key (PEM) of the certificate.',
    read: text,
  },
  'trusted-proxies': {
    name: 'trusted-proxies',
    variable: 'WAYGATE_TRUSTED_PROXIES',
    value: 'ADDRESS',
    many: true,
    help: "Proxies whose X-Forwarded-* headers are believed: addresses, CIDR blocks, or 'loopback', 'linklocal', 'uniquelocal'. Default none.",
    read: each(text),
  },
  webhook: {
    name: 'webhook',
    variable: 'WAYGATE_WEBHOOKS',
    value: 'URL',
    many: true,
    help: 'Tells this address of every change; again for each. In the file also an object: url, name, events, formatter, secret.',
    read: each(readWebhook),
  },
  'webhook-allow': {
    name: 'webhook-allow',
    variable: 'WAYGATE_WEBHOOK_ALLOW',
    value: 'ADDRESS',
    many: true,
    help: 'Private hosts, addresses or CIDR blocks that webhooks may reach. Default none.',
    read: each(text),
  },
  drain: {
    name: 'drain',
    variable: 'WAYGATE_DRAIN',
    value: 'TIME',
    help: 'How long the server says it is not ready before it stops, e.g. 2s; at most 3s. Default 500ms.',
    read: (given) => {
      const ms = duration(given);
      if (ms > 3_000) throw new SettingError('must be at most 3s: the server stops within 5 s');
      return ms;
    },
  },
  'log-level': {
    name: 'log-level',
    variable: 'WAYGATE_LOG_LEVEL',
    value: 'LEVEL',
    help: 'error, warn, info or debug. Default info.',
    read: oneOf('error', 'warn', 'info', 'debug'),
  },
};

export const DEFAULTS = {
  port: 9_000,
  host: '0.0.0.0',
  backend: { kind: 'memory' },
  namespace: 'waygate',
  user: [],
  'allow-insecure': false,
  'host-names': [],
  'trusted-proxies': [],
  webhook: [],
  'webhook-allow': [],
  drain: 500,
  'log-level': 'info',
} as const satisfies Partial<Settings>;
