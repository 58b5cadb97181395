import type { Principal } from '../http/principal.js';

/** Who gets the same events: streams of one audience share every byte. */
export class Audience {
  /** The same for audiences that get the same. */
  readonly key: string;

  /**
   * @param app the service an SDK follows; `null` = no single one
   * @param audit whether audit entries are told too
   */
  constructor(
    private readonly who: Principal,
    readonly app: string | null,
    readonly audit: boolean,
  ) {
    this.key = JSON.stringify([app, audit, who.role === 'sdk', who.services]);
  }

  /** @param service what an event is about belongs to; `null` = to none, or to all */
  hears(service: string | null): boolean {
    return this.who.sees(service) && (this.app === null || service === null || service === this.app);
  }

  /** SDKs know their own paths without the service's name. */
  get local(): boolean {
    return this.app !== null;
  }
}
