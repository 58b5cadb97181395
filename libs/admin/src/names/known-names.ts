import { Injectable } from '@nestjs/common';
import {
  AmbiguousRouteError,
  didYouMean,
  formatRouteKey,
  parseRouteKey,
  RouteNotFoundError,
  similarNames,
  ValidationError,
  WaygateEngine,
  type RouteView,
} from '@waygate/core';
import { targetsOf } from '../http/policy-targets.js';
import type { Principal } from '../http/principal.js';
import { limitName, type ExemptName, type NamesInRequest } from './names-in-request.js';

/** What a caller may see; suggestions name nothing else. */
type Sight = Pick<Principal, 'sees'>;
type LimitName = NonNullable<NamesInRequest['limit']>;

/** Compares names with the registered routes and services. */
@Injectable()
export class KnownNames {
  constructor(private readonly engine: WaygateEngine) {}

  /** What is wrong with the names, each with suggestions; empty = nothing. */
  problems({ services, exempt, limit }: Pick<NamesInRequest, 'services' | 'exempt'> & Partial<NamesInRequest>, sight: Sight) {
    const routes = this.engine.sync.routes.list().filter(({ service }) => sight.sees(service));
    const unknown = services.flatMap((service) => this.#unknownService(service, routes) ?? []);
    // An unknown service has no routes to compare with; the service itself is reported.
    const comparable = exempt.filter(({ service }) => service === null || routes.some((route) => route.service === service));
    return [
      ...unknown,
      ...comparable.flatMap((entry) => (this.#isOnList(entry) ? [] : (unknownExempt(entry, routes) ?? []))),
      ...(limit == null ? [] : [this.#unknownLimit(limit, routes) ?? []].flat()),
    ];
  }

  /** @throws {ValidationError} when an exempt route matches no route, or a service is unknown */
  require(field: string, service: string | null, exempt: readonly ExemptName[], sight: Sight): void {
    const [problem] = this.problems({ services: service === null ? [] : [service], exempt }, sight);
    if (problem !== undefined) throw new ValidationError(field, problem);
  }

  /** @throws {AmbiguousRouteError} when the path of a limit names no service and several services have it */
  requireOneService(limit: LimitName, sight: Sight): void {
    const targets = this.#targets(limit).filter(({ service }) => sight.sees(service));
    if (new Set(targets.map(({ service }) => service)).size < 2) return;
    throw new AmbiguousRouteError(
      limitName(limit),
      targets.map(({ key }) => key),
    );
  }

  /** A service is known by its routes, or by a maintenance switch or limit that was set for it. */
  #unknownService(service: string, routes: readonly RouteView[]): string | null {
    const known = routes.flatMap((route) => route.service ?? []);
    if (known.includes(service) || this.#hasRecord(service)) return null;
    return `Service '${service}' is not registered.${didYouMean(similarNames(service, known))}`;
  }

  #unknownLimit(limit: LimitName, routes: readonly RouteView[]): string | null {
    if (this.#targets(limit).length > 0) return null;
    const name = limitName(limit);
    const { service } = parseRouteKey(name);
    const known = routes.map((route) => (service === null ? formatRouteKey({ ...route, service }) : route.key));
    return new RouteNotFoundError(name, similarNames(name, known)).message;
  }

  #targets({ path, method }: LimitName): readonly RouteView[] {
    try {
      return targetsOf(this.engine, path, method);
    } catch {
      return [];
    }
  }

  #hasRecord(service: string): boolean {
    const { maintenance, rateLimits } = this.engine;
    return maintenance.forService(service).read().revision > 0 || rateLimits.forService(service).read() !== null;
  }

  /** What is on a list already may stay on it after its route left the code. */
  #isOnList({ list, service, route }: ExemptName): boolean {
    const { maintenance, rateLimits } = this.engine;
    if (list === 'maintenance')
      return (service === null ? maintenance : maintenance.forService(service)).read().exempt.includes(route);
    const limit = (service === null ? rateLimits.global : rateLimits.forService(service)).read();
    return limit !== null && limit.exemptRoutes.includes(route);
  }
}

/** Exempt routes are compared with whole paths, with or without the method. */
function unknownExempt({ route, service }: ExemptName, all: readonly RouteView[]): string | null {
  const parts = parseRouteKey(route, 'exempt');
  const routes = all.filter((other) => service === null || other.service === service);
  const isMatch = ({ method, path }: RouteView) => path === parts.path && (parts.method === null || parts.method === method);
  if (routes.some(isMatch)) return null;
  const problem = `Exempt route '${route}' matches no registered route.`;
  const star = parts.path.indexOf('*');
  if (star >= 0) {
    const meant = new Set(routes.map(({ path }) => path).filter((path) => path.startsWith(parts.path.slice(0, star))));
    return `${problem} Patterns are not supported: name each route.${didYouMean([...meant].slice(0, 3))}`;
  }
  const known = routes.map(({ method, path }) =>
    parts.method === null ? path : formatRouteKey({ service: null, method, path }),
  );
  return problem + didYouMean(similarNames(formatRouteKey({ ...parts, service: null }), known));
}
