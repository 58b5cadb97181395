import { createHash } from 'node:crypto';
import { ConfigurationError, type AccessRole } from '@waygate/core';
import { serviceScope } from './scope.js';
import { spend, StoredPassword, type ScryptCost } from './password.js';
import { Turns } from './turns.js';
import type { AdminAuth, AdminAuthenticator, AdminIdentity, AdminUser } from './waygate-admin.options.js';

/** What somebody who signed in may do. */
export interface Grant {
  readonly role: AccessRole;
  /** `null` = everything. */
  readonly services: readonly string[] | null;
}

/** Knows passwords and whom they belong to. */
export interface Authenticator {
  /**
   * @returns `null` = user or password are wrong
   * @throws {NoTurnError} when too many others are being looked at
   */
  authenticate(username: string, password: string): Promise<Grant | null>;
  /** What sessions of the user are bound to; `null` = there is no such user (any more). */
  fingerprint(username: string): string | null;
  /** What a user may do now; `undefined` = only what was granted at sign-in is known. */
  grantOf(username: string): Grant | undefined;
  /** Everybody who has a password, and what they may do; `null` = only the app knows. */
  users(): readonly KnownUser[] | null;
}

/** Somebody who may sign in with a password. */
export interface KnownUser {
  readonly username: string;
  readonly grant: Grant;
}

const ROLES: readonly AccessRole[] = ['viewer', 'operator', 'admin'];
const MAX_USERNAME = 256;
/** Half a minute of work, and about as long as anybody waits for an answer. */
const MOST_WAITING = 100;

/** @throws {ConfigurationError} */
export function readAuthenticator(auth: Exclude<AdminAuth, 'none'>): Authenticator {
  if (isCustom(auth)) return new CustomAuthenticator(auth);
  const users = isList(auth) ? auth : [auth];
  return new ConfiguredUsers(users);
}

/** Nobody has a password: people sign in elsewhere. */
export const NO_PASSWORDS: Authenticator = {
  authenticate: async () => null,
  fingerprint: () => null,
  grantOf: () => undefined,
  users: () => [],
};

/** Users named in the options. */
class ConfiguredUsers implements Authenticator {
  readonly #users = new Map<string, { readonly password: StoredPassword; readonly fingerprint: string; readonly grant: Grant }>();
  /** The dearest password of all: every attempt costs that much, whoever it is for. */
  readonly #cost: ScryptCost | null;
  readonly #nobody = new StoredPassword('');
  /** Each attempt takes a thread and up to 128 MB. */
  readonly #turns = new Turns(2, MOST_WAITING);

  constructor(users: readonly AdminUser[]) {
    if (users.length === 0) throw new ConfigurationError("Option 'auth' names no user.");
    users.forEach((user, index) => {
      const at = users.length === 1 ? 'auth' : `auth[${index}]`;
      const { username, password } = checkUser(user, at);
      if (this.#users.has(username)) throw new ConfigurationError(`Option '${at}': the user '${username}' stands there twice.`);
      const fingerprint = createHash('sha256').update(`${username}\0${password}`).digest('hex');
      this.#users.set(username, { password: new StoredPassword(password), fingerprint, grant: readGrant(user, at) });
    });
    this.#cost = [...this.#users.values()]
      .map(({ password }) => password.cost)
      .filter((cost) => cost !== null)
      .reduce<ScryptCost | null>((dearest, cost) => (dearest === null || workOf(cost) > workOf(dearest) ? cost : dearest), null);
  }

  authenticate(username: string, password: string): Promise<Grant | null> {
    return this.#turns.take(() => this.#authenticate(username, password));
  }

  async #authenticate(username: string, password: string): Promise<Grant | null> {
    const user = this.#users.get(username);
    const matches = await (user?.password ?? this.#nobody).matches(password);
    // A hash was worked for already; a user who is not there, or whose password is kept in plain, must not answer sooner.
    if (this.#cost !== null && user?.password.cost == null) await spend(this.#cost);
    return user !== undefined && matches ? user.grant : null;
  }

  fingerprint(username: string): string | null {
    return this.#users.get(username)?.fingerprint ?? null;
  }

  grantOf(username: string): Grant | undefined {
    return this.#users.get(username)?.grant;
  }

  users(): readonly KnownUser[] {
    return [...this.#users].map(([username, { grant }]) => ({ username, grant }));
  }
}

class CustomAuthenticator implements Authenticator {
  constructor(private readonly custom: AdminAuthenticator) {}

  async authenticate(username: string, password: string): Promise<Grant | null> {
    const answer = await this.custom.authenticate(username, password);
    if (answer === true) return readGrant({}, 'auth');
    return answer === false || answer === null || answer === undefined ? null : readGrant(answer, 'auth.authenticate()');
  }

  fingerprint(username: string): string {
    return String(this.custom.fingerprint?.(username) ?? '');
  }

  grantOf(): undefined {
    return undefined;
  }

  users(): null {
    return null;
  }
}

function checkUser({ username, password }: AdminUser, at: string): AdminUser {
  if (typeof username !== 'string' || username === '' || username.length > MAX_USERNAME)
    throw new ConfigurationError(`Option '${at}.username' must have 1 to ${MAX_USERNAME} characters.`);
  if (typeof password !== 'string' || password === '')
    throw new ConfigurationError(`Option '${at}.password' must not be empty. Is the variable it comes from set?`);
  return { username, password };
}

/** @throws {ConfigurationError} naming the option `at` */
export function readGrant({ role = 'admin', services }: AdminIdentity, at: string): Grant {
  if (!ROLES.includes(role)) throw new ConfigurationError(`Option '${at}.role' must be one of ${ROLES.join(', ')}.`);
  return { role, services: serviceScope(services, `${at}.services`) };
}

function isCustom(auth: Exclude<AdminAuth, 'none'>): auth is AdminAuthenticator {
  return typeof auth === 'object' && 'authenticate' in auth && typeof auth.authenticate === 'function';
}

function isList(auth: AdminUser | readonly AdminUser[] | AdminAuthenticator): auth is readonly AdminUser[] {
  return Array.isArray(auth);
}

function workOf({ ln, r, p }: ScryptCost): number {
  return 2 ** ln * r * p;
}
