import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Logger, Req, Res } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { Public } from '../http/requires.js';
import { setSessionCookie } from '../auth/session-cookie.js';
import { SessionTokens } from '../auth/session-tokens.js';
import type { AdminRequest } from '../http/admin-request.js';
import { AnswerError } from '../http/answer-error.js';
import { grantOfGroups, type OidcConfig } from '../config/oidc-config.js';
import { OIDC_FAILURES } from './oidc-failures.js';
import { OidcProvider } from './oidc-provider.js';
import { forgetPendingSignIn, pendingSignInOf, setPendingSignIn } from './pending-cookie.js';

/** Signing in at an identity provider; the session is the same as with a password. */
@Controller('login/oidc')
export class OidcController {
  readonly #logger = new Logger('WaygateAdmin');

  constructor(
    private readonly engine: WaygateEngine,
    private readonly provider: OidcProvider,
    private readonly sessions: SessionTokens,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @Get()
  @Public()
  async begin(@Req() request: AdminRequest, @Res() response: ServerResponse): Promise<void> {
    const oidc = this.#oidc();
    try {
      const { location, pending } = await this.provider.begin(oidc);
      const [secret = ''] = this.config.secretKeys;
      setPendingSignIn(request, response, pending, { secret, now: this.engine.now(), mountPath: this.config.path });
      response.writeHead(302, { location }).end();
    } catch (error) {
      this.#fail(response, OIDC_FAILURES.unreachable, error);
    }
  }

  /** Where the provider leads back to. */
  @Get('callback')
  @Public()
  async complete(@Req() request: AdminRequest, @Res() response: ServerResponse): Promise<void> {
    const oidc = this.#oidc();
    const pending = pendingSignInOf(request, { secrets: this.config.secretKeys, now: this.engine.now() });
    forgetPendingSignIn(request, response, this.config.path);
    if (pending === null) return this.#fail(response, OIDC_FAILURES.late, 'no sign-in under way');
    try {
      const [, query = ''] = request.originalUrl.split('?');
      const { username, groups } = await this.provider.complete(oidc, `?${query}`, pending);
      const grant = grantOfGroups(oidc.grants, groups);
      if (grant === null) return this.#fail(response, OIDC_FAILURES.noGroup, `${username} is in none`);
      const { token, lifetimeMs } = this.sessions.issue(username, grant, 'dashboard', null, 'oidc');
      setSessionCookie(request, response, { token, maxAgeMs: lifetimeMs, mountPath: this.config.path });
      this.#goOn(response);
    } catch (error) {
      this.#fail(response, OIDC_FAILURES.failed, error);
    }
  }

  /** @throws {AnswerError} 404 where nothing is configured */
  #oidc(): OidcConfig {
    if (this.config.oidc === null) throw new AnswerError(404, 'Not found');
    return this.config.oidc;
  }

  /**
   * A page of our own that leads on: after a redirect that began at the provider, the browser would keep the new cookie, which is for
   * requests of this site only, to itself.
   */
  #goOn(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><meta http-equiv="refresh" content="0;url=${this.#page('')}"><title>Signed in</title>`);
  }

  #fail(response: ServerResponse, text: string, reason: unknown): void {
    this.#logger.warn(`Signing in at the identity provider: ${text} (${errorMessage(reason)})`);
    const location = `${this.#page('login')}?${new URLSearchParams({ error: text }).toString()}`;
    response.writeHead(302, { location }).end();
  }

  #page(path: string): string {
    return `${this.config.path === '' ? '' : `/${this.config.path}`}/${path}`;
  }
}
