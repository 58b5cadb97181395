import { Inject, Injectable, Logger } from '@nestjs/common';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { AnswerError } from '../http/answer-error.js';
import { headerOf, type AdminRequest } from '../http/admin-request.js';
import { hostRequestOf } from '../http/host-request.js';
import type { Grant } from '../config/authenticator.js';
import { isServiceName } from '../config/scope.js';
import { SessionTokens, type IssuedToken, type SessionPlatform } from './session-tokens.js';
import { SignInLimits } from './sign-in-limits.js';
import { NoTurnError } from '../config/turns.js';

/** Turns a name and a password into a session. */
@Injectable()
export class SignIn {
  readonly #logger = new Logger('WaygateAdmin');

  constructor(
    private readonly limits: SignInLimits,
    private readonly sessions: SessionTokens,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  /**
   * @throws {AnswerError} 501 when auth is off, 429 for too many attempts, 401 when user or password are wrong, 403 for an SDK that signs in
   * as somebody who may only look
   */
  async signIn(request: AdminRequest, username: string, password: string, platform: SessionPlatform): Promise<IssuedToken> {
    this.requireAuth();
    const { ip } = hostRequestOf(request);
    const wait = await this.limits.attempt(username, ip);
    if (wait > 0) {
      const seconds = Number.isFinite(wait) ? Math.max(1, Math.ceil(wait / 1_000)) : 3_600;
      throw new AnswerError(429, `Too many attempts to sign in. Try again in ${seconds} s`, {
        headers: { 'retry-after': String(seconds) },
      });
    }
    const grant = await this.#authenticate(username, password);
    if (grant === null) throw new AnswerError(401, 'Invalid credentials');
    await this.limits.succeeded(username, ip);
    // An SDK registers routes and changes them: who may not do that must not get to by calling themselves one.
    if (platform === 'sdk' && grant.role === 'viewer')
      throw new AnswerError(403, "Signing in as an SDK needs the role 'operator'; yours is 'viewer'");
    return this.sessions.issue(username, grant, platform, platform === 'sdk' ? this.#appOf(request, grant) : null);
  }

  /** @throws {AnswerError} 501 when auth is off */
  requireAuth(): void {
    if (this.config.authenticator === null) throw new AnswerError(501, 'Auth not configured on this server');
  }

  async #authenticate(username: string, password: string): Promise<Grant | null> {
    try {
      return (await this.config.authenticator?.authenticate(username, password)) ?? null;
    } catch (error) {
      if (error instanceof NoTurnError)
        throw new AnswerError(429, 'Too many people are signing in. Try again in a moment', { headers: { 'retry-after': '10' } });
      this.#logger.error(`Signing in failed: ${String(error)}`);
      return null;
    }
  }

  /** An SDK that says which service it is part of when it signs in is bound to that one. */
  #appOf(request: AdminRequest, { services }: Grant): string | null {
    const app = headerOf(request, 'x-waygate-app-id');
    if (app === null) return null;
    if (!isServiceName(app)) throw new AnswerError(400, 'X-Waygate-App-Id is not a service name');
    if (services !== null && !services.includes(app))
      throw new AnswerError(403, 'This concerns a service you are not responsible for');
    return app;
  }
}
