import type { ServerResponse } from 'node:http';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { IsString, Length } from 'class-validator';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { headerOf, type AdminRequest } from '../http/admin-request.js';
import { AnswerError } from '../http/answer-error.js';
import { bodyText, Optional, strictBodyOf } from '../http/body.js';
import { Who } from '../http/who.decorator.js';
import type { Principal } from '../http/principal.js';
import { Public, Requires } from '../http/requires.js';
import { comesFromElsewhere } from './comes-from-elsewhere.js';
import { sessionCookieOf, setSessionCookie } from './session-cookie.js';
import { SessionTokens } from './session-tokens.js';
import { SignIn } from './sign-in.js';

const REQUIRED = { message: 'username and password are required' };

export class LoginBody {
  @IsString(REQUIRED)
  @Length(1, 256, REQUIRED)
  username: string;

  @IsString(REQUIRED)
  @Length(1, 1_024, REQUIRED)
  password: string;

  /** `sdk`; everything else counts as `cli`. */
  @Optional()
  platform?: unknown;
}

/** Signing in and out with tokens (wire contract, §1). */
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly sessions: SessionTokens,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  async login(@Req() request: AdminRequest): Promise<object> {
    this.signIn.requireAuth();
    const { username, password, platform } = strictBodyOf(request, LoginBody);
    const { token, expiresAt } = await this.signIn.signIn(request, username, password, platform === 'sdk' ? 'sdk' : 'cli');
    return { token, username, expires_at: new Date(expiresAt).toISOString().replace('Z', '000+00:00') };
  }

  /** Ends the session of the token in the header; a cookie's is ended by `POST /logout`. */
  @Post('logout')
  @HttpCode(200)
  @Public()
  async logout(@Req() request: AdminRequest): Promise<object> {
    const token = headerOf(request, 'x-waygate-token');
    if (token !== null) await this.sessions.revoke(token);
    return { ok: true };
  }

  @Get('me')
  @Requires('viewer', 'filtered', { sdk: true })
  me(@Who() { name, platform, role, services, session }: Principal): object {
    const csrf = session?.byCookie === true ? { csrf_token: this.sessions.csrfToken(session.id) } : {};
    return { username: name, platform, role, services, ...csrf };
  }
}

/** Signing in and out with a cookie, from forms of the dashboard (wire contract, §13). Nothing is written by GET. */
@Controller()
export class SessionController {
  constructor(
    private readonly signIn: SignIn,
    private readonly sessions: SessionTokens,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @Post('login')
  @Public()
  async login(@Req() request: AdminRequest, @Res() response: ServerResponse): Promise<void> {
    this.#refuseOtherSites(request);
    const form = new URLSearchParams(bodyText(request));
    try {
      const { token, lifetimeMs } = await this.signIn.signIn(
        request,
        (form.get('username') ?? '').slice(0, 256),
        (form.get('password') ?? '').slice(0, 1_024),
        'dashboard',
      );
      await this.#endCookieSession(request);
      setSessionCookie(request, response, { token, maxAgeMs: lifetimeMs, mountPath: this.config.path });
      redirect(response, this.#page(''));
    } catch (error) {
      if (!(error instanceof AnswerError) || (error.getStatus() !== 401 && error.getStatus() !== 429)) throw error;
      redirect(response, `login?${new URLSearchParams({ error: error.message }).toString()}`);
    }
  }

  @Post('logout')
  @Public()
  async logout(@Req() request: AdminRequest, @Res() response: ServerResponse): Promise<void> {
    this.#refuseOtherSites(request);
    await this.#endCookieSession(request);
    setSessionCookie(request, response, { token: '', maxAgeMs: 0, mountPath: this.config.path });
    redirect(response, this.#page('login'));
  }

  async #endCookieSession(request: AdminRequest): Promise<void> {
    const token = sessionCookieOf(request);
    if (token !== null) await this.sessions.revoke(token);
  }

  #refuseOtherSites(request: AdminRequest): void {
    if (comesFromElsewhere(request)) throw new AnswerError(403, 'Sent by a page of another site');
  }

  #page(path: string): string {
    return `${this.config.path === '' ? '' : `/${this.config.path}`}/${path}`;
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}
