import type { Caller } from '@waygate/core';

/** Who is calling, as the app's own authentication knows it. Every field is optional. */
export interface Identity {
  /** The API key that the app accepted, for limits with `key: 'api_key'`. Never the header as it came: check it first. Default: none. */
  readonly apiKey?: string | null;
  /** Identifies the user across requests. An empty string counts as no user. */
  readonly user?: string | number | null;
  /** Compared with `exemptRoles` of limits. Default: none. */
  readonly roles?: readonly string[];
  /** The tier of limits by plan. Default: none. */
  readonly plan?: string | null;
  /** Other attributes that `tierResolver` of a limit may name. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * Returns who a request is from. Called at most once per phase, only when a limit needs it, and after all of the app's guards unless the
 * limit's `phase` is `origin`. When it throws, the error is logged and the request counts as anonymous.
 * Default: `req.user`, with `id`, `sub`, `userId`, `uid`, or `email` as the user, `apiKey` (or `req.apiKey`) as the accepted API key, `roles` or
 * `role`, `plan`, and every property as an attribute.
 */
export type Identify = (request: never) => Identity;

interface RequestLike {
  readonly ip?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly user?: unknown;
  readonly apiKey?: unknown;
}

/** The caller of one request. Looks at the request only when asked. */
export class RequestCaller implements Caller {
  #identity: Identity | undefined;

  constructor(
    readonly request: unknown,
    private readonly identify: (request: unknown) => Identity,
    readonly context?: unknown,
  ) {}

  get ip(): string | null {
    return (this.request as RequestLike).ip ?? null;
  }

  get apiKey(): string | null {
    const { apiKey } = this.#known();
    return typeof apiKey === 'string' && apiKey !== '' ? apiKey : null;
  }

  /** The accepted API key, as far as it is known without asking a function of the app that nothing else asks. */
  get knownApiKey(): string | null {
    return this.#isKnown ? this.apiKey : null;
  }

  get unverifiedApiKey(): string | null {
    const key = (this.request as RequestLike).headers['x-api-key'];
    const one = Array.isArray(key) ? key[0] : key;
    return one === undefined || one === '' ? null : one;
  }

  get user(): string | null {
    const { user } = this.#known();
    return typeof user === 'number' || (typeof user === 'string' && user !== '') ? String(user) : null;
  }

  /** The user, as far as it is known without asking a function of the app that nothing else asks. */
  get knownUser(): string | null {
    return this.#isKnown ? this.user : null;
  }

  get #isKnown(): boolean {
    return this.#identity !== undefined || this.identify === identityFromUser;
  }

  get roles(): readonly string[] {
    const { roles } = this.#known();
    return Array.isArray(roles) ? roles : [];
  }

  attribute(name: string): string | null {
    const { plan, attributes } = this.#known();
    const value =
      name === 'plan' && plan != null
        ? plan
        : typeof attributes === 'object' && attributes !== null && Object.hasOwn(attributes, name)
          ? attributes[name]
          : null;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  }

  #known(): Identity {
    return (this.#identity ??= this.identify(this.request));
  }
}

/**
 * The option `identify`, so that a mistake in it takes no route down: who cannot be identified is nobody.
 * @param onMistake told the first one
 */
export function forgiving(
  identify: (request: unknown) => unknown,
  onMistake: (error: unknown) => void,
): (request: unknown) => Identity {
  let isTold = false;
  const nobody = (error: unknown): Identity => {
    if (!isTold) onMistake(error);
    isTold = true;
    return {};
  };
  return (request) => {
    try {
      const identity = identify(request);
      if (identity instanceof Promise) {
        identity.catch(() => undefined);
        return nobody(
          new TypeError('it returned a promise; look up what takes time in a guard or middleware, and keep it on the request'),
        );
      }
      if (typeof identity === 'object' && identity !== null) return identity;
      return nobody(new TypeError(`it returned ${identity === null ? 'null' : typeof identity}; it must return an object`));
    } catch (error) {
      return nobody(error);
    }
  };
}

function isId(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

/** Whether the app's authentication left a user on the request. */
export function isAuthenticated(request: unknown): boolean {
  const { user } = request as RequestLike;
  return user !== undefined && user !== null && user !== false;
}

/** Properties that name a user, the most exact first. */
const USER_IDS = ['id', 'sub', 'userId', 'uid', 'email'] as const;

/** What `req.user` says, in the shapes Passport strategies and JWT guards leave there. */
export function identityFromUser(request: unknown): Identity {
  const { user, apiKey: accepted } = request as RequestLike;
  const ofRequest = typeof accepted === 'string' ? { apiKey: accepted } : {};
  if (typeof user === 'string' || typeof user === 'number') return { ...ofRequest, user };
  if (typeof user !== 'object' || user === null) return ofRequest;
  const { apiKey, roles, role, plan } = user as Record<string, unknown>;
  const ids = USER_IDS.map((name) => (user as Record<string, unknown>)[name]);
  const known = ids.find(isId);
  const given = Array.isArray(roles) ? roles : [role];
  return {
    ...(typeof apiKey === 'string' ? { apiKey } : ofRequest),
    user: known ?? null,
    roles: given.filter((one): one is string => typeof one === 'string'),
    plan: typeof plan === 'string' ? plan : null,
    attributes: user as Record<string, unknown>,
  };
}
