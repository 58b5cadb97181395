import { Inject, Injectable, Logger } from '@nestjs/common';
import { WaygateEngine, type Platform } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { headerOf, pathOf, queryOf, type AdminRequest } from '../http/admin-request.js';
import { Principal } from '../http/principal.js';
import { isServiceName } from '../config/scope.js';
import { sessionCookieOf } from './session-cookie.js';
import { SessionTokens, type SessionClaims } from './session-tokens.js';

const HINTED: readonly Platform[] = ['cli', 'sdk', 'dashboard', 'api'];

/** Finds out who makes a request: the token header, else the session cookie (wire contract, §1). */
@Injectable()
export class Authentication {
  readonly #logger = new Logger('WaygateAdmin');

  constructor(
    private readonly engine: WaygateEngine,
    private readonly sessions: SessionTokens,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  /** Whether people have to say who they are. */
  get isOn(): boolean {
    return this.config.authenticator !== null;
  }

  /** `null` = nobody, or not any more. A wrong token in the header does not fall back to the cookie. */
  identify(request: AdminRequest): Principal | null {
    if (this.config.authenticator === null) return anybody(request);
    const token = this.#tokenOf(request);
    if (token === null) {
      const cookie = sessionCookieOf(request);
      return cookie === null ? null : this.#fromSession(cookie, request, true);
    }
    return this.engine.access.isToken(token) ? this.#fromApiToken(token) : this.#fromSession(token, request, false);
  }

  /** Tells at any later time whether who made this request is still somebody. Keeps what it was proved by, and nothing else of the request. */
  watch(request: AdminRequest): () => boolean {
    if (this.config.authenticator === null) return () => true;
    const credential = this.#tokenOf(request) ?? sessionCookieOf(request) ?? '';
    return () => this.#isSomebodys(credential);
  }

  #isSomebodys(credential: string): boolean {
    const { access } = this.engine;
    return access.isToken(credential) ? this.#fromApiToken(credential) !== null : this.sessions.verify(credential) !== null;
  }

  /** The client token a request came with; `null` = it came with something else. */
  clientTokenOf(request: AdminRequest): string | null {
    const token = this.#tokenOf(request);
    if (token === null || !this.engine.access.isToken(token)) return null;
    return this.engine.access.verifyToken(token)?.role === 'client' ? token : null;
  }

  #tokenOf(request: AdminRequest): string | null {
    return headerOf(request, 'x-waygate-token') ?? this.#remoteToken(request);
  }

  /** Clients of remote evaluation send tokens as its protocol says; in the URL, where secrets do not belong, only client tokens count. */
  #remoteToken(request: AdminRequest): string | null {
    if (!pathOf(request, this.config.path).startsWith('/ofrep/')) return null;
    const [, bearer] = /^Bearer +(\S+)$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
    const sent = bearer ?? headerOf(request, 'x-api-key');
    if (sent !== null) return sent;
    const told = queryOf(request, 'token');
    return told !== null && this.engine.access.verifyToken(told)?.role === 'client' ? told : null;
  }

  /** The API token in `Authorization: Bearer`; `null` = there is none, or a header of ours says who it is. */
  identifyBearer(request: AdminRequest): Principal | null {
    if (headerOf(request, 'x-waygate-token') !== null) return null;
    const [, token] = /^Bearer +(\S+)$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
    return token === undefined || !this.engine.access.isToken(token) ? null : this.#fromApiToken(token);
  }

  #fromSession(token: string, request: AdminRequest, byCookie: boolean): Principal | null {
    const claims = this.sessions.verify(token);
    if (claims === null) return null;
    const { subject, platform, id, expiresAt, grant } = claims;
    const session = { id, expiresAt, byCookie };
    if (platform !== 'sdk') return new Principal(subject, platform, grant.role, grant.services, session);
    // They were more when the session began; an SDK changes things, which they may not do any more.
    if (grant.role === 'viewer') return null;
    return new Principal(subject, 'sdk', 'sdk', sdkServices(claims, request), session);
  }

  #fromApiToken(text: string): Principal | null {
    const token = this.engine.access.verifyToken(text);
    if (token === null) return null;
    this.engine.access
      .touchToken(token.id)
      .catch((error: unknown) => this.#logger.warn(`The use of a token was not noted: ${String(error)}`));
    return new Principal(
      token.name,
      token.role === 'sdk' || token.role === 'client' ? 'sdk' : 'api',
      token.role,
      token.services,
      null,
    );
  }
}

/** Auth is off: the request may say who it is. */
function anybody(request: AdminRequest): Principal {
  const hint = headerOf(request, 'x-waygate-platform');
  const actor = headerOf(request, 'x-waygate-actor') ?? 'anonymous';
  return new Principal(actor.slice(0, 256), HINTED.find((known) => known === hint) ?? 'cli', 'admin', null, null);
}

/** The one service an SDK speaks for: what its token is bound to, else what it says, as far as whoever signed in may. */
function sdkServices({ app, grant }: SessionClaims, request: AdminRequest): readonly string[] {
  const service = app ?? headerOf(request, 'x-waygate-app-id');
  if (!isServiceName(service)) return [];
  return grant.services === null || grant.services.includes(service) ? [service] : [];
}
