import type { Api } from '../http/api.js';
import type { ApiToken, ApiTokenInput, CreatedToken } from '../wire/tokens.js';

/** API tokens: named, scoped, expiring. */
export class TokensResource {
  constructor(private readonly api: Api) {}

  list(): Promise<readonly ApiToken[]> {
    return this.api.get('/api/tokens');
  }

  create(token: ApiTokenInput): Promise<CreatedToken> {
    return this.api.post('/api/tokens', token);
  }

  /** Ends it at once, on every node. @throws {NotFoundError} */
  revoke(id: string): Promise<{ readonly ok: boolean }> {
    return this.api.call('DELETE', `/api/tokens/${encodeURIComponent(id)}`);
  }
}
