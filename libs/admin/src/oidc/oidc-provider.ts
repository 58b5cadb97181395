import { Inject, Injectable } from '@nestjs/common';
import { ConfigurationError } from '@waygate/core';
import { errorCode, errorMessage } from '@waygate/core/native-errors';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import type { OidcConfig } from '../config/oidc-config.js';

type Library = typeof import('openid-client', { with: { 'resolution-mode': 'import' } });
type Discovered = Awaited<ReturnType<Library['discovery']>>;

/** What only the browser that began to sign in can give back. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who the provider says it is. */
export interface OidcIdentity {
  readonly username: string;
  readonly groups: readonly string[];
}

const PATIENCE_SECONDS = 10;
const MAX_USERNAME = 256;

/** Talks to the identity provider: authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636). */
@Injectable()
export class OidcProvider {
  #connection: Promise<{ readonly library: Library; readonly client: Discovered }> | undefined;

  constructor(@Inject(ADMIN_CONFIG) private readonly config: AdminConfig) {}

  /** Where to send the browser, and what to remember until it comes back. */
  async begin(oidc: OidcConfig): Promise<{ readonly location: string; readonly pending: PendingSignIn }> {
    const { library, client } = await this.#connect(oidc);
    const pending = {
      state: library.randomState(),
      nonce: library.randomNonce(),
      verifier: library.randomPKCECodeVerifier(),
    };
    const location = library.buildAuthorizationUrl(client, {
      redirect_uri: oidc.redirectUri.href,
      scope: oidc.scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { location: location.href, pending };
  }

  /**
   * Redeems what the browser came back with.
   * @param query of the request, with its question mark
   * @throws {Error} for anything that is not exactly as it should be
   */
  async complete(oidc: OidcConfig, query: string, { state, nonce, verifier }: PendingSignIn): Promise<OidcIdentity> {
    const { library, client } = await this.#connect(oidc);
    const tokens = await library.authorizationCodeGrant(client, new URL(query, oidc.redirectUri), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('The provider gave no ID token');
    const known: Record<string, unknown> = { ...claims };
    // Many providers tell groups only when they are asked for them.
    if (known[oidc.groupsClaim] === undefined && client.serverMetadata().userinfo_endpoint !== undefined)
      Object.assign(known, await library.fetchUserInfo(client, tokens.access_token, claims.sub));
    return { username: usernameIn(known, oidc, claims.sub), groups: textsIn(known[oidc.groupsClaim]) };
  }

  /** Once; again after a failure. */
  async #connect(oidc: OidcConfig): Promise<{ readonly library: Library; readonly client: Discovered }> {
    this.#connection ??= this.#discover(oidc);
    try {
      return await this.#connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }

  async #discover(oidc: OidcConfig): Promise<{ readonly library: Library; readonly client: Discovered }> {
    const library = openIdClient();
    const client = await library.discovery(oidc.issuer, oidc.clientId, oidc.clientSecret ?? undefined, undefined, {
      timeout: PATIENCE_SECONDS,
      ...(this.config.oidc?.allowInsecure === true ? { execute: [library.allowInsecureRequests] } : {}),
    });
    return { library, client };
  }
}

/** @throws {ConfigurationError} when the optional package is not installed, or cannot be loaded */
function openIdClient(): Library {
  try {
    // By `require`, because Jest cannot run `import()`, and within `try`, so that bundlers accept that it is missing.
    return require('openid-client');
  } catch (cause) {
    if (errorCode(cause) === 'MODULE_NOT_FOUND')
      throw new ConfigurationError("Option 'oidc' needs the package 'openid-client': npm install openid-client", { cause });
    const [reason = ''] = errorMessage(cause).trim().split('\n');
    throw new ConfigurationError(`Option 'oidc' needs the package 'openid-client', which cannot be loaded: ${reason}`, { cause });
  }
}

/** The claim the options name, else what people know themselves by. */
function usernameIn(claims: Readonly<Record<string, unknown>>, { usernameClaim }: OidcConfig, subject: string): string {
  const names = usernameClaim === null ? ['preferred_username', 'email'] : [usernameClaim];
  const found = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value !== '');
  return (typeof found === 'string' ? found : subject).slice(0, MAX_USERNAME);
}

function textsIn(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return [claim];
  return Array.isArray(claim) ? claim.filter((one) => typeof one === 'string') : [];
}
