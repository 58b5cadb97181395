import { SettingError } from './setting.js';

/** Where the server keeps its state. */
export type BackendAddress =
  | { readonly kind: 'memory' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string }
  /** Another server: this one is a relay. */
  | { readonly kind: 'server'; readonly url: string };

const FORMS = 'memory, file:PATH, redis://…, rediss://…, or http(s)://… of another server';

export function readBackendAddress(given: unknown): BackendAddress {
  const text = typeof given === 'string' ? given.trim() : '';
  if (text === 'memory') return { kind: 'memory' };
  if (text === 'file' || text === 'redis') return readNamed(text);
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length);
    if (path === '') throw new SettingError('file: needs a path, e.g. file:/var/lib/waygate/state.json');
    return { kind: 'file', path };
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'redis:' || url?.protocol === 'rediss:') return { kind: 'redis', url: text };
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    if (url.username !== '') throw new SettingError("give the account for the other server by 'backend-user' or 'backend-token'");
    return { kind: 'server', url: text };
  }
  // What was given may hold a password.
  throw new SettingError(`must be ${FORMS}`);
}

/** As `WAYGATE_BACKEND` names them elsewhere. */
function readNamed(name: 'file' | 'redis'): BackendAddress {
  if (name === 'file') return { kind: 'file', path: process.env['WAYGATE_FILE_PATH'] || 'waygate-state.json' };
  const url = process.env['WAYGATE_REDIS_URL'] || 'redis://localhost:6379/0';
  // It may hold a password, so it is not told.
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new SettingError('WAYGATE_REDIS_URL is no URL of a Redis: use redis://host:6379/0, or rediss:// for TLS');
  return { kind: 'redis', url };
}

/** For logs: without the password. */
export function describeBackend(address: BackendAddress): string {
  if (address.kind === 'memory') return 'memory (gone when the server stops)';
  if (address.kind === 'file') return `file ${address.path}`;
  const { protocol, host, pathname } = new URL(address.url);
  return `${address.kind === 'server' ? 'relay of ' : ''}${protocol}//${host}${pathname}`;
}
