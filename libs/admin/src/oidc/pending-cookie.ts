import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AdminRequest } from '../http/admin-request.js';
import { isObject } from '../http/body.js';
import { cookieOf } from '../auth/session-cookie.js';
import { hostRequestOf } from '../http/host-request.js';
import type { PendingSignIn } from './oidc-provider.js';

const NAME = 'waygate_oidc';
/** Between leaving for the provider and coming back. */
const LIFETIME_MS = 10 * 60_000;

/** Keeps a sign-in under way in the browser that began it, signed. Sent along when the provider leads back here, hence not `Strict`. */
export function setPendingSignIn(
  request: AdminRequest,
  response: ServerResponse,
  pending: PendingSignIn,
  { secret, now, mountPath }: { readonly secret: string; readonly now: number; readonly mountPath: string },
): void {
  const payload = Buffer.from(JSON.stringify({ ...pending, exp: now + LIFETIME_MS })).toString('base64url');
  setCookie(request, response, `${payload}.${mac(payload, secret).toString('base64url')}`, LIFETIME_MS, mountPath);
}

export function forgetPendingSignIn(request: AdminRequest, response: ServerResponse, mountPath: string): void {
  setCookie(request, response, '', 0, mountPath);
}

/** `null` = there is none, it is too old, or not ours. */
export function pendingSignInOf(
  request: AdminRequest,
  { secrets, now }: { readonly secrets: readonly string[]; readonly now: number },
): PendingSignIn | null {
  const [payload = '', given = ''] = (cookieOf(request, NAME) ?? '').split('.');
  const bytes = Buffer.from(given, 'base64url');
  const genuine = secrets.some((secret) => {
    const right = mac(payload, secret);
    return right.length === bytes.length && timingSafeEqual(right, bytes);
  });
  if (!genuine) return null;
  const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  if (!isObject(value)) return null;
  const { state, nonce, verifier, exp } = value;
  if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return null;
  return typeof exp === 'number' && now <= exp ? { state, nonce, verifier } : null;
}

function mac(payload: string, secret: string): Buffer {
  return createHmac('sha256', `${secret}:oidc`).update(payload).digest();
}

function setCookie(request: AdminRequest, response: ServerResponse, value: string, maxAgeMs: number, mountPath: string): void {
  const path = `${mountPath === '' ? '' : `/${mountPath}`}/login/oidc`;
  const attributes = [`Path=${path}`, `Max-Age=${maxAgeMs / 1_000}`, 'HttpOnly', 'SameSite=Lax'];
  if (hostRequestOf(request).secure) attributes.push('Secure');
  response.appendHeader('set-cookie', [`${NAME}=${value}`, ...attributes].join('; '));
}
