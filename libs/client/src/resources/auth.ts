import type { Api } from '../http/api.js';
import type { Identity, Login } from '../wire/auth.js';

export class AuthResource {
  constructor(private readonly api: Api) {}

  /** `platform` decides how long the token lives. @throws {UnauthorizedError} */
  login(username: string, password: string, platform: 'cli' | 'sdk' = 'cli'): Promise<Login> {
    return this.api.post('/api/auth/login', { username, password, platform });
  }

  /** Revokes the token this client sends. */
  logout(): Promise<{ readonly ok: boolean }> {
    return this.api.post('/api/auth/logout');
  }

  me(): Promise<Identity> {
    return this.api.get('/api/auth/me');
  }
}
