import type { Api } from '../http/api.js';
import type { MaintenanceConfig, MaintenanceInput } from '../wire/maintenance.js';
import type { Expiry, PlanInput } from '../wire/schedule.js';
import type { ChangeOptions } from './routes.js';

/** The maintenance switch of everything. */
export class MaintenanceResource {
  constructor(
    private readonly api: Api,
    private readonly base: string = '/api/global',
  ) {}

  get(): Promise<MaintenanceConfig> {
    return this.api.get(this.base);
  }

  /** Replaces the whole configuration. */
  enable(input: MaintenanceInput & Expiry = {}): Promise<MaintenanceConfig> {
    return this.api.post(`${this.base}/enable`, input);
  }

  /** Ends it, and forgets reason and exemptions. */
  disable(options: ChangeOptions = {}): Promise<MaintenanceConfig> {
    return this.api.post(`${this.base}/disable`, options);
  }

  /** Nothing changes until the window opens; what was set before holds again when it closes. */
  schedule(plan: MaintenanceInput & PlanInput): Promise<MaintenanceConfig> {
    return this.api.post(`${this.base}/schedule`, plan);
  }

  /** Takes back everything planned, begun or not. */
  cancelSchedule(): Promise<MaintenanceConfig> {
    return this.api.call('DELETE', `${this.base}/schedule`);
  }

  /** Replaces the list of exempt paths; whether maintenance is on stays as it is. */
  setExempt(exemptPaths: readonly string[]): Promise<MaintenanceConfig> {
    return this.api.call('PUT', `${this.base}/exempt`, { body: { exempt_paths: exemptPaths } });
  }

  /** Every switch that is on or scheduled: the global one first, then services by name. Not known to other servers of this protocol. */
  list(): Promise<readonly MaintenanceConfig[]> {
    return this.api.get('/api/maintenance');
  }

  /** The switch of one service, which need not have routes yet. */
  forService(service: string): MaintenanceResource {
    return new MaintenanceResource(this.api, `/api/services/${encodeURIComponent(service)}/maintenance`);
  }
}
