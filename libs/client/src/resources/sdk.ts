import type { Api } from '../http/api.js';
import type { RouteState } from '../wire/routes.js';
import type { RouteRegistration, SdkSnapshot } from '../wire/sdk.js';

/** What SDKs ask and tell. With the client's `appId`, answers are narrowed to that service. */
export class SdkResource {
  constructor(private readonly api: Api) {}

  /**
   * What a stream begins with, in one answer.
   * @param etag of an earlier answer
   * @returns `null` = it is the same still
   */
  async snapshot(etag?: string): Promise<{ readonly snapshot: SdkSnapshot; readonly etag: string } | null> {
    const { value, headers } = await this.api.exchange<SdkSnapshot | null>('GET', '/api/sdk/snapshot', {
      headers: etag === undefined ? {} : { 'If-None-Match': etag },
    });
    return value === null ? null : { snapshot: value, etag: headers['etag'] ?? '' };
  }

  /** Registers routes of a service; what is registered already stays. @returns the states that hold */
  async register(service: string, routes: readonly RouteRegistration[]): Promise<readonly RouteState[]> {
    const body = { app_id: service, states: routes };
    return (await this.api.post<{ readonly states: readonly RouteState[] }>('/api/sdk/register', body)).states;
  }
}
