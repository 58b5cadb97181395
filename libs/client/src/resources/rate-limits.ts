import type { Api } from '../http/api.js';
import { pathKey } from './path-key.js';
import type {
  GlobalRateLimit,
  GlobalRateLimitInput,
  GlobalRateLimitPolicy,
  RateLimitHit,
  RateLimitPolicy,
  RateLimitPolicyInput,
} from '../wire/rate-limits.js';
import type { Expiry } from '../wire/schedule.js';
import type { ChangeOptions } from './routes.js';

/** Rate limits of single routes, of everything, and of a service. */
export class RateLimitsResource {
  /** The limit over all routes. */
  readonly global: GlobalRateLimitResource;

  constructor(private readonly api: Api) {
    this.global = new GlobalRateLimitResource(api, '/api/global-rate-limit');
  }

  list(): Promise<readonly RateLimitPolicy[]> {
    return this.api.get('/api/rate-limits');
  }

  /** Sets one limit of a route, the one of its name; others of the route stay. */
  set(policy: RateLimitPolicyInput): Promise<RateLimitPolicy> {
    return this.api.post('/api/rate-limits', policy);
  }

  /** What the code declares holds again. */
  delete(method: string, path: string): Promise<{ readonly ok: boolean }> {
    return this.api.call('DELETE', `/api/rate-limits/${pathKey(`${method}:${path}`)}`);
  }

  /** Forgets what was counted; without a method, for all methods of the path. */
  reset(path: string, method?: string): Promise<{ readonly ok: boolean }> {
    return this.api.call('DELETE', `/api/rate-limits/${pathKey(path)}/reset`, { query: { method } });
  }

  /** Refused requests, newest first; 50 by default. */
  hits(query: { readonly route?: string; readonly limit?: number } = {}): Promise<readonly RateLimitHit[]> {
    return this.api.get('/api/rate-limits/hits', { ...query });
  }

  forService(service: string): GlobalRateLimitResource {
    return new GlobalRateLimitResource(this.api, `/api/services/${encodeURIComponent(service)}/rate-limit`);
  }
}

/** One limit over many routes. */
export class GlobalRateLimitResource {
  constructor(
    private readonly api: Api,
    private readonly base: string,
  ) {}

  get(): Promise<GlobalRateLimit> {
    return this.api.get(this.base);
  }

  set(policy: GlobalRateLimitInput): Promise<GlobalRateLimitPolicy> {
    return this.api.post(this.base, policy);
  }

  delete(): Promise<{ readonly ok: boolean }> {
    return this.api.call('DELETE', this.base);
  }

  reset(): Promise<{ readonly ok: boolean }> {
    return this.api.call('DELETE', `${this.base}/reset`);
  }

  /** Resumes a paused limit. */
  enable(): Promise<{ readonly ok: boolean }> {
    return this.api.post(`${this.base}/enable`);
  }

  /** Pauses the limit, until it is resumed or for a time. */
  disable(options: ChangeOptions & Expiry = {}): Promise<{ readonly ok: boolean }> {
    return this.api.post(`${this.base}/disable`, options);
  }
}
