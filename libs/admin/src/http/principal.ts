import type { Author, Platform, TokenRole } from '@waygate/core';

/** A role, from the least to the most; an SDK stands beside them, and a client may do nothing that does not name it. */
const RANK: Readonly<Record<TokenRole, number>> = { client: -1, sdk: 0, viewer: 1, operator: 2, admin: 3 };

/** The session a request is part of. */
export interface Session {
  readonly id: string;
  readonly expiresAt: number;
  /** Presented by cookie: what a browser sends by itself needs proof that a page of ours asked for it. */
  readonly byCookie: boolean;
}

/** Who makes a request, and what they may do: the only place where roles and scopes are compared. */
export class Principal {
  constructor(
    readonly name: string,
    readonly platform: Platform,
    readonly role: TokenRole,
    /** `null` = everything. */
    readonly services: readonly string[] | null,
    /** `null` = nobody signed in (auth is off), or a named API token. */
    readonly session: Session | null,
  ) {}

  has(role: TokenRole): boolean {
    return RANK[this.role] >= RANK[role];
  }

  /** Whether what belongs to a service (`null` = to none) is theirs to see and change. */
  covers(service: string | null): boolean {
    return this.services === null || (service !== null && this.services.includes(service));
  }

  /** Whether it is shown to them. An SDK follows what belongs to no service too: that concerns everybody. */
  sees(service: string | null): boolean {
    return this.covers(service) || (this.role === 'sdk' && service === null);
  }

  /** Who changed it, for the audit log. */
  author(reason?: string): Author {
    return { actor: this.name, platform: this.platform, ...(reason === undefined ? {} : { reason }) };
  }
}
