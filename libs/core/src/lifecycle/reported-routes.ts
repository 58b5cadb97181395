import { isDeepStrictEqual } from 'node:util';
import { auditEntry, checkReason } from '../schema/author.js';
import type { AuditEntry } from '../schema/audit.js';
import { ValidationError } from '../model/errors.js';
import type { RecordWrite } from '../schema/record.js';
import { Turn } from '../model/turn.js';
import { formatRouteKey, parseRouteKey, serviceName } from '../model/route-key.js';
import type { DeclaredRoute } from '../schema/route.js';
import type { Clock } from '../model/time.js';
import type { ControlState } from '../state/control-state.js';
import { checkServiceBounds, MOST_ROUTES_OF_SERVICE } from '../state/check-service-bounds.js';
import { readDeclaration, withTags, type RouteDeclaration } from './route-declaration.js';

/** A route of another process, as that process tells of it. */
export interface ReportedRoute {
  readonly key: string;
  readonly service: string;
  readonly declaration: RouteDeclaration;
}

/**
 * Routes that other processes report over the network. This process does not serve them: they are stored and told like any other, but
 * never declared here, so that what their own code says later is not overruled from here.
 */
export class ReportedRoutes {
  constructor(
    private readonly state: ControlState,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads a report without making it.
   * @throws {ValidationError}
   */
  check({ key, service, declaration }: ReportedRoute): { readonly key: string; readonly declared: DeclaredRoute } {
    serviceName(service);
    return { key: formatRouteKey(parseRouteKey(key)), declared: readDeclaration(declaration, this.clock()) };
  }

  /**
   * Stores the routes that are not known yet. What is known stays as it is, but for its tags where the report names them: they decide
   * nothing, and nobody but the code says them. One service has at most 10 000 routes.
   * @throws {ValidationError | BackendUnavailableError} then none was stored
   */
  async register(routes: readonly ReportedRoute[]): Promise<void> {
    if (routes.length > MOST_ROUTES_OF_SERVICE)
      throw new ValidationError('routes', `must be at most ${MOST_ROUTES_OF_SERVICE} at once`);
    const read = new Map<
      string,
      Pick<ReportedRoute, 'service'> & Pick<RouteDeclaration, 'tags'> & { readonly declared: DeclaredRoute }
    >();
    const turn = new Turn();
    for (const route of routes) {
      if (turn.isOver()) await turn.next();
      const { key, declared } = this.check(route);
      const { service, declaration } = route;
      read.set(key, { declared, service, ...(declaration.tags === undefined ? {} : { tags: declaration.tags }) });
    }
    await this.state.change((snapshot) => {
      const writes: RecordWrite[] = [];
      const audit: AuditEntry[] = [];
      for (const [key, { declared, service, tags }] of read) {
        const stored = snapshot.get('route', key);
        if (stored === undefined) {
          writes.push({ kind: 'route', key, expected: 0, value: { service, declared, override: null } });
          continue;
        }
        const before = stored.value;
        if (tags === undefined || isDeepStrictEqual(before.declared.tags, declared.tags)) continue;
        const { tags: _old, ...rest } = before.declared;
        const after = { ...before, declared: { ...rest, ...withTags(declared.tags ?? []) } };
        writes.push({ kind: 'route', key, expected: stored.revision, value: after });
        const draft = { action: 'declare', kind: 'route', key, service: before.service, before, after } as const;
        audit.push(auditEntry(draft, { actor: 'deploy', platform: 'system' }, this.clock()));
      }
      checkServiceBounds(snapshot, writes);
      return writes.length === 0 ? null : { writes, audit };
    });
  }

  /**
   * Records what another process did to one of its routes.
   * @throws {ValidationError} when the route is not stored, or the entry is not fit to be
   */
  async record(entry: AuditEntry): Promise<void> {
    if (entry.kind !== 'route') throw new ValidationError('path', 'must be a route');
    if (entry.id === '' || entry.id.length > 64) throw new ValidationError('id', 'must have 1 to 64 characters');
    if (entry.actor.length > 256) throw new ValidationError('actor', 'must have at most 256 characters');
    checkReason(entry.reason);
    await this.state.change((snapshot) => {
      const stored = snapshot.get('route', entry.key);
      if (stored === undefined) throw new ValidationError('path', `'${entry.key}' is not registered`);
      // An entry is always part of a commit; this one leaves the route as it is.
      return { writes: [{ kind: 'route', key: entry.key, expected: stored.revision, value: stored.value }], audit: [entry] };
    });
  }
}
