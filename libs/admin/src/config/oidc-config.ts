import { createHash } from 'node:crypto';
import { ConfigurationError, type AccessRole } from '@waygate/core';
import { readGrant, type Grant } from './authenticator.js';
import type { OidcOptions } from './waygate-admin.options.js';

/** {@link OidcOptions} with nothing left open. */
export interface OidcConfig {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly redirectUri: URL;
  readonly scope: string;
  readonly groupsClaim: string;
  readonly usernameClaim: string | null;
  readonly grants: ReadonlyMap<string, Grant>;
  readonly allowInsecure: boolean;
  /** What sessions are bound to: those of another provider or client are no longer taken. */
  readonly fingerprint: string;
}

const RANK: Readonly<Record<AccessRole, number>> = { viewer: 1, operator: 2, admin: 3 };

/**
 * @param mountPath of the admin, without slashes around it
 * @throws {ConfigurationError} naming the option
 */
export function readOidcOptions(options: OidcOptions, mountPath: string): OidcConfig {
  const { issuer, clientId, clientSecret, redirectUri, scope = 'openid profile email', groupsClaim = 'groups' } = options;
  const { roles, usernameClaim, allowInsecure = false } = options;
  if (typeof clientId !== 'string' || clientId === '') throw new ConfigurationError("Option 'oidc.clientId' is missing.");
  if (clientSecret === '')
    throw new ConfigurationError("Option 'oidc.clientSecret' is empty. Is the variable it comes from set?");
  const names = Object.entries(roles ?? {});
  if (names.length === 0)
    throw new ConfigurationError(
      "Option 'oidc.roles' must say what groups may do, e.g. { 'api-admins': 'admin', staff: 'viewer' }.",
    );
  const path = `${mountPath === '' ? '' : `/${mountPath}`}/login/oidc/callback`;
  const callback = urlOf(redirectUri, 'redirectUri', allowInsecure);
  if (callback.pathname !== path || callback.search !== '')
    throw new ConfigurationError(`Option 'oidc.redirectUri' must lead to '${path}' of this app, got '${callback.pathname}'.`);
  return {
    issuer: urlOf(issuer, 'issuer', allowInsecure),
    clientId,
    clientSecret: clientSecret ?? null,
    redirectUri: callback,
    scope,
    groupsClaim,
    usernameClaim: usernameClaim ?? null,
    grants: new Map(
      names.map(([group, grant]) => [
        group,
        readGrant(typeof grant === 'string' ? { role: grant } : grant, `oidc.roles.${group}`),
      ]),
    ),
    allowInsecure,
    fingerprint: createHash('sha256').update(`${issuer}\0${clientId}`).digest('hex'),
  };
}

/** What membership of some groups comes to: the highest role; the services of all that give it. `null` = nothing. */
export function grantOfGroups(grants: ReadonlyMap<string, Grant>, groups: readonly string[]): Grant | null {
  let highest: Grant | null = null;
  for (const group of new Set(groups)) {
    const grant = grants.get(group);
    if (grant === undefined || (highest !== null && RANK[grant.role] < RANK[highest.role])) continue;
    highest = highest === null || RANK[grant.role] > RANK[highest.role] ? grant : united(highest, grant);
  }
  return highest;
}

function united({ role, services }: Grant, other: Grant): Grant {
  return {
    role,
    services: services === null || other.services === null ? null : [...new Set([...services, ...other.services])],
  };
}

function urlOf(text: string, option: string, allowInsecure: boolean): URL {
  if (typeof text !== 'string' || !URL.canParse(text)) throw new ConfigurationError(`Option 'oidc.${option}' must be a URL.`);
  const url = new URL(text);
  if (url.protocol === 'https:' || (allowInsecure && url.protocol === 'http:')) return url;
  throw new ConfigurationError(`Option 'oidc.${option}' must begin with 'https://', unless 'oidc.allowInsecure' is set.`);
}
