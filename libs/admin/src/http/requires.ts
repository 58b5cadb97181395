import { SetMetadata } from '@nestjs/common';
import type { AccessRole } from '@waygate/core';

/**
 * What of the installation a request touches, which decides whether somebody confined to some services may make it:
 * `filtered` = the answer is cut to what they may see; `everything` = only those who are not confined; `service` = the `:service` of the
 * URL; `route` = the service of the route in `:key`; `limit` = those of the routes whose limit is in `:key`;
 * `policy` = those of the routes a limit in the body is for; `routes` = those of the routes named by the fields `key` of a form;
 * `revision` = those of all that the `:revision` of the URL changed; `named` = the `service` of the body, else that of this process.
 */
export type ScopeRule = 'filtered' | 'everything' | 'service' | 'route' | 'routes' | 'limit' | 'policy' | 'revision' | 'named';

/** What it takes to call a handler. */
export type Requirement =
  | { readonly access: 'public' }
  | {
      readonly access: 'role';
      readonly role: AccessRole;
      readonly scope: ScopeRule;
      /** SDK tokens may too, for their own service. */
      readonly sdk: boolean;
      /** Client tokens, which anybody may know, may too. */
      readonly client: boolean;
      /** A refusal is held back: old clients come back at once. */
      readonly slowRefusal: boolean;
      /** An API token may come as `Authorization: Bearer` too: not every program can send a header of ours. */
      readonly bearer: boolean;
    };

export const REQUIREMENT = Symbol('waygate:requirement');

/** Lets everybody call it. */
export function Public(): MethodDecorator {
  return SetMetadata<symbol, Requirement>(REQUIREMENT, { access: 'public' });
}

/** Asks for at least a role. A handler without this, or {@link Public}, refuses everybody. */
export function Requires(
  role: AccessRole,
  scope: ScopeRule,
  {
    sdk = false,
    client = false,
    slowRefusal = false,
    bearer = false,
  }: { readonly sdk?: boolean; readonly client?: boolean; readonly slowRefusal?: boolean; readonly bearer?: boolean } = {},
): MethodDecorator {
  return SetMetadata<symbol, Requirement>(REQUIREMENT, { access: 'role', role, scope, sdk, client, slowRefusal, bearer });
}
