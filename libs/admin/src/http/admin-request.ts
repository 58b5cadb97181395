import type { IncomingMessage } from 'node:http';
import type { Principal } from './principal.js';

/** What Express makes of a request to the admin. */
export interface AdminRequest extends IncomingMessage {
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly originalUrl: string;
}

const PRINCIPALS = new WeakMap<IncomingMessage, Principal>();

export function rememberPrincipal(request: IncomingMessage, principal: Principal): void {
  PRINCIPALS.set(request, principal);
}

/** @throws {Error} on a public endpoint */
export function principalOf(request: IncomingMessage): Principal {
  const principal = PRINCIPALS.get(request);
  if (principal === undefined) throw new Error('No principal: the endpoint is public');
  return principal;
}

/** One value of a header; empty ones count as missing. */
export function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
  return text === '' ? null : text;
}

/** One text of the query; `null` = it is not there, or there more than once. */
export function queryOf(request: AdminRequest, name: string): string | null {
  const value = Object.hasOwn(request.query, name) ? request.query[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Path of the request below the mount, without its query. */
export function pathOf(request: AdminRequest, mountPath: string): string {
  const [path = '/'] = request.originalUrl.split('?');
  return mountPath === '' ? path : path.slice(mountPath.length + 1);
}
