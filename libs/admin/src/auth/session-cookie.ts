import type { ServerResponse } from 'node:http';
import type { AdminRequest } from '../http/admin-request.js';
import { hostRequestOf } from '../http/host-request.js';

const NAME = 'waygate_session';
/** Browsers keep a cookie of this name only from this very host, over https, for all paths: none can be planted from elsewhere. */
const SECURE_NAME = `__Host-${NAME}`;

export function sessionCookieOf(request: AdminRequest): string | null {
  return cookieOf(request, hostRequestOf(request).secure ? SECURE_NAME : NAME);
}

/** The value of a cookie; empty ones count as missing. */
export function cookieOf(request: AdminRequest, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair.slice(equals + 1).trim();
    return value === '' ? null : value;
  }
  return null;
}

/** @param maxAgeMs 0 = forget it */
export function setSessionCookie(
  request: AdminRequest,
  response: ServerResponse,
  { token, maxAgeMs, mountPath }: { readonly token: string; readonly maxAgeMs: number; readonly mountPath: string },
): void {
  const { secure } = hostRequestOf(request);
  const path = secure ? '/' : `/${mountPath}`;
  const attributes = [`Path=${path}`, `Max-Age=${Math.floor(maxAgeMs / 1_000)}`, 'HttpOnly', 'SameSite=Strict'];
  if (secure) attributes.push('Secure');
  response.appendHeader('set-cookie', [`${secure ? SECURE_NAME : NAME}=${token}`, ...attributes].join('; '));
}
