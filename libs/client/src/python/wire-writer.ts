import { isDeepStrictEqual } from 'node:util';
import {
  ChangeRefusedError,
  GLOBAL_SCOPE,
  type AuditEntry,
  type ChangeSet,
  type MaintenanceRecord,
  type RecordWrite,
  type RouteRecord,
} from '@waygate/core';
import { pathKey } from '../resources/path-key.js';
import type { MaintenanceConfig } from '../wire/maintenance.js';
import type { RouteState } from '../wire/routes.js';
import type { NewValue, NumberedRecords } from './numbered-records.js';
import type { ServerConnection } from '../server/server-connection.js';
import type { WireReader } from './wire-reader.js';
import { routeRecord, stateOf } from './wire-records.js';

/** Puts changes of records into calls that a server of the wire contract knows. */
export class WireWriter {
  constructor(
    private readonly connection: ServerConnection,
    private readonly service: string,
    private readonly known: NumberedRecords,
    private readonly reader: WireReader,
  ) {}

  /**
   * @returns what holds now, as the server says
   * @throws {ChangeRefusedError} for what it has no call for
   */
  async write({ writes, audit }: ChangeSet): Promise<readonly NewValue[]> {
    const declarations = writes.filter((write) => this.#isDeclaration(write));
    const changes = writes.filter((write) => !this.#isDeclaration(write));
    const [change, ...more] = changes;
    if (more.length > 0 || (change !== undefined && declarations.length > 0))
      throw new ChangeRefusedError(`${this.connection.url} takes one change at a time`);
    return change === undefined ? this.#declare(declarations) : this.#change(change, audit[0]);
  }

  #isDeclaration({ kind, key, value }: RecordWrite): boolean {
    if ((kind !== 'route' && kind !== 'rate-limit') || value === null) return false;
    return isDeepStrictEqual(value.override, this.known.get(kind, key)?.value.override ?? null);
  }

  /** Registers all routes in one call. What the server answers holds; limits that the code declares stay here. */
  async #declare(writes: readonly RecordWrite[]): Promise<readonly NewValue[]> {
    const routes = writes.filter((write): write is RecordWrite<'route'> => write.kind === 'route' && write.value !== null);
    const limits = writes.filter(({ kind }) => kind === 'rate-limit');
    if (routes.length === 0) return limits;
    const states = routes.map(({ key, value }) => stateOf(key, value as RouteRecord));
    const body = { app_id: this.service, states };
    const answer = await this.connection.call<{ states: RouteState[] }>('POST', '/api/sdk/register', { body });
    const declared = new Map(routes.map(({ key, value }) => [key, (value as RouteRecord).declared]));
    const held = new Map(answer.states.map((state) => [this.reader.qualified(state.path), state]));
    return [
      ...limits,
      ...routes.map((write): NewValue => {
        const state = held.get(write.key);
        const own = declared.get(write.key);
        if (state === undefined || own === undefined) return write;
        return { ...write, value: routeRecord(state, this.service, own, Date.now()) };
      }),
    ];
  }

  async #change(write: RecordWrite, entry: AuditEntry | undefined): Promise<readonly NewValue[]> {
    if (write.kind === 'route' && write.value !== null) return this.#changeRoute(write.key, write.value, entry?.reason ?? '');
    if (write.kind === 'maintenance' && write.value !== null) return this.#changeMaintenance(write.key, write.value);
    throw new ChangeRefusedError(`${this.connection.url} takes no change of a ${write.kind} from a service`);
  }

  async #changeRoute(key: string, { override }: RouteRecord, reason: string): Promise<readonly NewValue[]> {
    const path = `/api/routes/${pathKey(key)}`;
    const post = (action: string, body: object) => this.connection.call<RouteState>('POST', `${path}/${action}`, { body });
    const { window = null } = override ?? {};
    const edges = window?.start != null && window.end !== null ? { start: window.start, end: window.end } : null;
    if (window !== null && (edges === null || window.recurrence !== undefined || override?.state !== 'maintenance'))
      throw new ChangeRefusedError(`${this.connection.url} knows only windows of maintenance with a start and an end`);
    if (override === null || override.state === 'active') return this.reader.state(await post('enable', { reason }));
    if (override.state === 'disabled') return this.reader.state(await post('disable', { reason }));
    if (override.state === 'env_gated') return this.reader.state(await post('env', { envs: override.environments ?? [] }));
    return this.reader.state(await post('maintenance', { reason, ...edges }));
  }

  async #changeMaintenance(scope: string, record: MaintenanceRecord): Promise<readonly NewValue[]> {
    if (record.window !== null) throw new ChangeRefusedError(`${this.connection.url} knows no windows of this maintenance`);
    const path = scope === GLOBAL_SCOPE ? '/api/global' : `/api/services/${encodeURIComponent(scope)}/maintenance`;
    const { reason, exempt, includeForceActive } = record;
    const body = { reason, exempt_paths: exempt, include_force_active: includeForceActive };
    const action = record.enabled ? 'enable' : 'disable';
    return [this.reader.maintenance(scope, await this.connection.call<MaintenanceConfig>('POST', `${path}/${action}`, { body }))];
  }
}
