/**
 * Who a request is for. What is costly to find out is found out when asked for: a limit by address never looks at the user.
 * `null` = the request does not say.
 */
export interface Caller {
  /** As the web framework's trust-proxy setting yields it. */
  readonly ip: string | null;
  /** The API key that the app accepted. */
  readonly apiKey: string | null;
  /** The API key that the request names, which the caller can invent. */
  readonly unverifiedApiKey?: string | null;
  readonly user: string | null;
  readonly roles: readonly string[];
  /** Any other attribute, e.g. `plan`, by which tiers are chosen. */
  attribute(name: string): string | null;
  /** The platform's request, for functions of the app. */
  readonly request: unknown;
  /** What the framework knows beside the request (Nest's `ExecutionContext`), for functions of the app. */
  readonly context?: unknown;
}
