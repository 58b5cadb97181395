import type { Api } from '../http/api.js';
import type { ExplainRequest, Health, Instances, RequestExplanation } from '../wire/operations.js';
import type { UpcomingChange } from '../wire/schedule.js';
import type { Stats } from '../wire/stats.js';

/** How the server and its fleet are doing, and why a request is answered as it is. */
export class OperationsResource {
  constructor(private readonly api: Api) {}

  /** Whether the state is known to be what the store holds. */
  health(): Promise<Health> {
    return this.api.get('/api/health');
  }

  /**
   * Accepts the store as it is, after a backup was restored on purpose: every process adopts it, whatever it knew before. Takes an admin of
   * everything.
   * @throws {ForbiddenError | ServerError}
   * @example
   * await client.operations.acceptState({ reason: 'restored the backup of Monday' });
   */
  acceptState(options: { readonly reason?: string } = {}): Promise<{ readonly revision: number }> {
    return this.api.post('/api/state/accept', options);
  }

  instances(): Promise<Instances> {
    return this.api.get('/api/instances');
  }

  /** Counts nothing, and calls no function of the app. */
  explain(request: ExplainRequest): Promise<RequestExplanation> {
    return this.api.post('/api/explain', request);
  }

  /** What will change by itself, soonest first; 100 by default, at most 1000. */
  upcoming({ limit }: { readonly limit?: number } = {}): Promise<readonly UpcomingChange[]> {
    return this.api.get('/api/schedule', { limit });
  }

  /** Traffic of the last `minutes` (at most 60, the default), of one route or all. */
  stats(query: { readonly route?: string; readonly minutes?: number } = {}): Promise<Stats> {
    return this.api.get('/api/stats', { ...query });
  }
}
