import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import type { Grant } from '../config/authenticator.js';
import { isServiceName } from '../config/scope.js';

/** From where somebody signed in. */
export type SessionPlatform = 'cli' | 'sdk' | 'dashboard';

/** How somebody signed in: with a password, or at an identity provider. Names of the one are not names of the other. */
export type SessionOrigin = 'password' | 'oidc';

/** What a session token says. Names on the wire are those of the wire contract, §1. */
export interface SessionClaims {
  readonly subject: string;
  readonly id: string;
  readonly platform: SessionPlatform;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly grant: Grant;
  /** The one service an SDK session is bound to; `null` = it names it with each request. */
  readonly app: string | null;
  readonly origin: SessionOrigin;
}

export interface IssuedToken {
  readonly token: string;
  readonly lifetimeMs: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Says what a token is for: no token of another purpose, signed with the same key, is taken for one of these. */
const PURPOSE = 'waygate session v1';
/** Longer texts are not looked at. */
const MAX_LENGTH = 2_048;
const ROLES = ['viewer', 'operator', 'admin'] as const;
const PLATFORMS = ['cli', 'sdk', 'dashboard'] as const;

/**
 * Makes and reads session tokens: `<payload>.<mac>`, always HMAC-SHA256. The key is derived from the secret and a fingerprint of the
 * user's credentials, so that a changed password ends the user's sessions.
 */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly engine: WaygateEngine,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  /** @param app the service an SDK is bound to */
  issue(
    subject: string,
    grant: Grant,
    platform: SessionPlatform,
    app: string | null,
    origin: SessionOrigin = 'password',
  ): IssuedToken {
    const lifetimeMs = platform === 'sdk' ? this.config.sdkTokenExpiryMs : this.config.tokenExpiryMs;
    const expiresAt = this.engine.now() + lifetimeMs;
    const claims = {
      use: PURPOSE,
      sub: subject,
      exp: expiresAt / 1_000,
      jti: randomBytes(16).toString('hex'),
      plat: platform,
      role: grant.role,
      ...(grant.services === null ? {} : { svc: grant.services }),
      ...(app === null ? {} : { app }),
      ...(origin === 'password' ? {} : { org: origin }),
    };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const [secret = ''] = this.config.secretKeys;
    return {
      token: `${payload}.${this.#mac(payload, secret, this.#fingerprint(subject, origin) ?? '').toString('hex')}`,
      lifetimeMs,
      expiresAt,
    };
  }

  /** `null` = malformed, forged, expired, revoked, or the user's password changed. */
  verify(token: string): SessionClaims | null {
    if (token.length > MAX_LENGTH) return null;
    const dot = token.lastIndexOf('.');
    const payload = token.slice(0, dot);
    const mac = token.slice(dot + 1);
    if (dot < 1 || !/^[A-Za-z0-9_-]+$/.test(payload) || !/^[0-9a-f]{64}$/.test(mac)) return null;
    const claims = readClaims(payload);
    const fingerprint = claims === null ? null : this.#fingerprint(claims.subject, claims.origin);
    if (claims === null || fingerprint === null) return null;
    const given = Buffer.from(mac, 'hex');
    const genuine = this.config.secretKeys.some((secret) => timingSafeEqual(this.#mac(payload, secret, fingerprint), given));
    if (!genuine || this.engine.now() > claims.expiresAt || this.engine.access.isRevoked(claims.id)) return null;
    const grant = claims.origin === 'oidc' ? undefined : this.config.authenticator?.grantOf(claims.subject);
    return grant === undefined ? claims : { ...claims, grant };
  }

  /** Ends a session on every node; a token that is not valid ends nothing. */
  async revoke(token: string): Promise<void> {
    const claims = this.verify(token);
    if (claims !== null) await this.engine.access.revokeSession(claims.id, claims.subject, claims.expiresAt);
  }

  /** What a page of ours sends along with a write, to show that it was no other page that asked for it. */
  csrfToken(sessionId: string): string {
    return this.#csrf(sessionId, this.config.secretKeys[0] ?? '').toString('base64url');
  }

  isCsrfToken(sessionId: string, text: string): boolean {
    const given = Buffer.from(text.slice(0, 100), 'base64url');
    return this.config.secretKeys.some((secret) => {
      const right = this.#csrf(sessionId, secret);
      return given.length === right.length && timingSafeEqual(given, right);
    });
  }

  #csrf(sessionId: string, secret: string): Buffer {
    return createHmac('sha256', `${secret}:csrf`).update(sessionId).digest();
  }

  #mac(payload: string, secret: string, fingerprint: string): Buffer {
    return createHmac('sha256', `${secret}:${fingerprint}`).update(payload).digest();
  }

  #fingerprint(subject: string, origin: SessionOrigin): string | null {
    if (origin === 'oidc') return this.config.oidc?.fingerprint ?? null;
    return this.config.authenticator === null ? 'open' : this.config.authenticator.fingerprint(subject);
  }
}

function readClaims(payload: string): SessionClaims | null {
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown> | null;
    if (typeof claims !== 'object' || claims === null) return null;
    const { use, sub, exp, jti, plat, role, svc, app, org } = claims;
    if (org !== undefined && org !== 'oidc') return null;
    if (use !== PURPOSE || typeof sub !== 'string' || typeof exp !== 'number' || typeof jti !== 'string') return null;
    const platform = PLATFORMS.find((known) => known === plat);
    const granted = ROLES.find((known) => known === role);
    if (platform === undefined || granted === undefined) return null;
    const services = Array.isArray(svc) && svc.every(isServiceName) ? svc : null;
    if (svc !== undefined && services === null) return null;
    const bound = app === undefined ? null : app;
    if (bound !== null && !isServiceName(bound)) return null;
    return {
      subject: sub,
      id: jti,
      platform,
      expiresAt: exp * 1_000,
      grant: { role: granted, services },
      app: bound,
      origin: org ?? 'password',
    };
  } catch {
    return null;
  }
}
