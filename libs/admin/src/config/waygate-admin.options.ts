import type { AccessRole, DurationInput } from '@waygate/core';

/** Somebody who may sign in. */
export interface AdminUser {
  /** 1 to 256 characters. */
  readonly username: string;
  /** In plain, from code or environment only; or what `hashPassword` made of it. */
  readonly password: string;
  /** Default `admin`. */
  readonly role?: AccessRole;
  /** Services the user sees and changes. Default: all, and what belongs to none. */
  readonly services?: readonly string[];
}

/** What a sign-in of your own says about somebody. */
export interface AdminIdentity {
  /** Default `admin`. */
  readonly role?: AccessRole;
  readonly services?: readonly string[];
}

/** Sign-in against something of your own: a database, LDAP, an identity provider. */
export interface AdminAuthenticator {
  /** `true` = an admin; an identity = that; `false` or `null` = refused. What it throws becomes a refusal, and a line in the log. */
  authenticate(username: string, password: string): boolean | AdminIdentity | null | Promise<boolean | AdminIdentity | null>;
  /**
   * Changes when the user's password does, so that sessions from before end. Called with every request of a session: answer from memory.
   * Default: sessions outlive a changed password.
   */
  fingerprint?(username: string): string;
}

/** Who may sign in. `none` lets everybody do everything: for development only. */
export type AdminAuth = 'none' | AdminUser | readonly AdminUser[] | AdminAuthenticator;

/** How often a password may be tried. */
export interface SignInLimits {
  /** Attempts for one account within {@link period}. Default 10. */
  readonly perAccount?: number;
  /** Attempts from one address within {@link period}. Default 50. */
  readonly perAddress?: number;
  /** Default 15 minutes. */
  readonly period?: DurationInput;
}

/** Sign-in at an identity provider: OpenID Connect, authorization code flow with PKCE. */
export interface OidcOptions {
  /** Where the provider describes itself: its URL without `/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  /** Default: none, for public clients. */
  readonly clientSecret?: string;
  /** URL of `/login/oidc/callback` below the admin's path as browsers see it; registered with the provider. Never taken from a request. */
  readonly redirectUri: string;
  /** Default `openid profile email`. */
  readonly scope?: string;
  /** Claim of the ID token, or else of the user info, that holds the groups somebody is in. Default `groups`. */
  readonly groupsClaim?: string;
  /** Claim that names somebody in the audit log. Default: `preferred_username`, else `email`, else `sub`. */
  readonly usernameClaim?: string;
  /** What members of a group may do. Of several groups the highest role counts. Who is in none of them cannot sign in. */
  readonly roles: Readonly<Record<string, AccessRole | AdminIdentity>>;
  /** Takes `http://`, for development. Default `false`. */
  readonly allowInsecure?: boolean;
}

/** Remote evaluation of flags (OFREP) by clients that cannot, or should not, reach the rest of the admin. */
export interface OfrepOptions {
  /** Where it answers too: `flags` for `/flags/ofrep/v1/…`, empty for `/ofrep/v1/…`. Default: below the admin's path only. */
  readonly path?: string;
  /** Origins whose pages may evaluate flags, e.g. `https://shop.example`; `'*'` = all. Default: only pages of the same origin may. */
  readonly cors?: '*' | readonly string[];
}

/** Options of `WaygateAdminModule.forRoot`. */
export interface WaygateAdminOptions {
  /** Who may sign in with a password. Without it, and without {@link oidc}, the app refuses to start. */
  readonly auth?: AdminAuth;
  /** Signing in at an identity provider, beside passwords or instead of them. Needs the package `openid-client`. */
  readonly oidc?: OidcOptions;
  /** Where the admin is mounted, beside the app's own routes and whatever their prefix. Empty = everything. Default `waygate`. */
  readonly path?: string;
  /**
   * Signs sessions; at least 16 characters each, 32 random ones recommended. Of several the first signs and all are accepted, so that keys
   * can be rotated. Every node needs the same. Default: random, so that sessions end with the process.
   */
  readonly secretKey?: string | readonly string[];
  /** How long sessions of people last. Default one day. */
  readonly tokenExpiry?: DurationInput;
  /** How long sessions of SDKs last. Default 365 days. */
  readonly sdkTokenExpiry?: DurationInput;
  readonly signInLimits?: SignInLimits;
  readonly ofrep?: OfrepOptions;
  /** Counts requests and latencies of this process by route and minute, for `GET /api/stats`. Default `true`. */
  readonly stats?: boolean;
  /** Serves the dashboard. `false` = only the REST API, the event streams, and OFREP. Default `true`. */
  readonly dashboard?: boolean;
  /** Allows `auth: 'none'` where `NODE_ENV` is `production`: something in front of the app lets only the right people in. */
  readonly allowInsecure?: boolean;
  /**
   * Host names, without port, at which the admin answers while `auth` is `'none'`, beside IP addresses, `localhost` and names below it. Others
   * get 421: a page of another site could have its own name resolve to this process. Default: none. With sign-in it has no effect.
   */
  readonly hosts?: readonly string[];
}

/** Injection token of the module's options. */
export const WAYGATE_ADMIN_OPTIONS = Symbol('WAYGATE_ADMIN_OPTIONS');
