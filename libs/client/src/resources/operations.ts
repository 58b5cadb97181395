import type { Api } from '../http/api.js';
import type { ExplainRequest, Instances, RequestExplanation } from '../wire/operations.js';

/** How the fleet is doing, and why a request is answered as it is. */
export class OperationsResource {
  constructor(private readonly api: Api) {}

  instances(): Promise<Instances> {
    return this.api.get('/api/instances');
  }

  explain(request: ExplainRequest): Promise<RequestExplanation> {
    return this.api.post('/api/explain', request);
  }
}
