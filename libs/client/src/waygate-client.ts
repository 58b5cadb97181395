import { Api, type ApiOptions } from './http/api.js';
import { AuditResource } from './resources/audit.js';
import { AuthResource } from './resources/auth.js';
import { ChangesResource } from './resources/changes.js';
import { EventsResource } from './resources/events.js';
import { FlagsResource } from './resources/flags.js';
import { MaintenanceResource } from './resources/maintenance.js';
import { OperationsResource } from './resources/operations.js';
import { RateLimitsResource } from './resources/rate-limits.js';
import { RevisionsResource } from './resources/revisions.js';
import { RoutesResource } from './resources/routes.js';
import { SdkResource } from './resources/sdk.js';
import { SegmentsResource } from './resources/segments.js';
import { TokensResource } from './resources/tokens.js';
import { WebhooksResource } from './resources/webhooks.js';

export type WaygateClientOptions = ApiOptions;

/**
 * A client of the Waygate admin API. Every call throws a `WaygateClientError`: an `ApiError` when the server refused, otherwise
 * `UnreachableError`, `TimeoutError`, `TlsError` or `NotJsonError`.
 *
 * @example
 * const waygate = new WaygateClient({ baseUrl: 'http://localhost:3000/waygate', token: process.env.WAYGATE_TOKEN });
 * await waygate.routes.disable('GET:/payments', { reason: 'hotfix' });
 */
export class WaygateClient {
  /** For endpoints this client has no method for. */
  readonly api: Api;
  readonly auth: AuthResource;
  /** Several changes as one commit. */
  readonly changes: ChangesResource;
  readonly routes: RoutesResource;
  readonly maintenance: MaintenanceResource;
  readonly rateLimits: RateLimitsResource;
  readonly flags: FlagsResource;
  readonly segments: SegmentsResource;
  readonly audit: AuditResource;
  readonly revisions: RevisionsResource;
  readonly webhooks: WebhooksResource;
  readonly tokens: TokensResource;
  readonly operations: OperationsResource;
  readonly events: EventsResource;
  readonly sdk: SdkResource;

  /** @throws {ClientConfigurationError} for a base URL that is none */
  constructor(options: WaygateClientOptions) {
    const api = new Api({ handling: 'strict', ...options });
    this.api = api;
    this.auth = new AuthResource(api);
    this.changes = new ChangesResource(api);
    this.routes = new RoutesResource(api);
    this.maintenance = new MaintenanceResource(api);
    this.rateLimits = new RateLimitsResource(api);
    this.flags = new FlagsResource(api);
    this.segments = new SegmentsResource(api);
    this.audit = new AuditResource(api);
    this.revisions = new RevisionsResource(api);
    this.webhooks = new WebhooksResource(api);
    this.tokens = new TokensResource(api);
    this.operations = new OperationsResource(api);
    this.events = new EventsResource(api);
    this.sdk = new SdkResource(api);
  }

  /** Closes idle connections. Not needed for the process to end. */
  close(): void {
    this.api.close();
  }
}
