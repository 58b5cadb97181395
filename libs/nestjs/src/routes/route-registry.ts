import { Injectable, type Type } from '@nestjs/common';
import type { Deprecation, LimitedRoute, RequestStats, RouteHandle, RouteTraffic } from '@waygate/core';
import type { WaygateDeclaration } from '../decorators/declaration.metadata.js';
import type { Platform } from '../platform/platform.js';
import { deprecationHeaders } from '../responses/deprecation-headers.js';

/** A route as Nest knows it: one handler of one controller under one path. */
export interface DiscoveredRoute {
  readonly controller: Type;
  readonly methodName: string;
  readonly handler: object;
  /** The key without a service, e.g. `GET:/v1/items/:id`. */
  readonly key: string;
  /** The template without method and version, e.g. `/v1/items/:id`. */
  readonly path: string;
  readonly method: string;
  /** The path as the platform was told it; tells routes of one handler apart. */
  readonly registeredPath: string;
  readonly declaration: WaygateDeclaration;
}

/** A discovered route with what it takes to decide about it. */
export class RouteEntry {
  #deprecation: Deprecation | null = null;
  #headers: readonly (readonly [string, string])[] = [];
  #traffic: RouteTraffic | undefined;

  constructor(
    readonly handle: RouteHandle,
    /** `null` = the route is never limited. */
    readonly limits: LimitedRoute | null,
    readonly route: DiscoveredRoute,
  ) {}

  /** What its requests are counted in. */
  trafficIn(stats: RequestStats): RouteTraffic {
    return (this.#traffic ??= stats.of(this.handle.key));
  }

  /** The headers for a deprecation, written once as long as it is the same. */
  deprecationHeaders(deprecation: Deprecation): readonly (readonly [string, string])[] {
    if (this.#deprecation !== deprecation) {
      this.#headers = deprecationHeaders(deprecation);
      this.#deprecation = deprecation;
    }
    return this.#headers;
  }
}

const NO_ENTRIES: readonly RouteEntry[] = [];

/** What tells routes of one handler apart. */
type RequestReader = Pick<Platform, 'registeredPath' | 'method'>;

/** Holds the routes of this app and finds the one a request was matched to: by its handler, never by the URL's text. */
@Injectable()
export class RouteRegistry {
  /** Handlers that answer to one route only, which is nearly all of them. */
  readonly #single = new Map<object, RouteEntry>();
  /** Handlers shared by controllers (inheritance) or reachable under several paths. */
  readonly #shared = new Map<object, RouteEntry[]>();
  readonly #all: RouteEntry[] = [];
  /** Handlers that serve routes of others. */
  readonly #variants = new Set<object>();
  readonly #byPath = new Map<string, RouteEntry[]>();
  readonly #byController = new Map<object, RouteEntry[]>();

  add(entry: RouteEntry): void {
    const { handler } = entry.route;
    this.#all.push(entry);
    this.#byPath.clear();
    const siblings = this.#byController.get(entry.route.controller);
    if (siblings === undefined) this.#byController.set(entry.route.controller, [entry]);
    else siblings.push(entry);
    const shared = this.#shared.get(handler);
    const single = this.#single.get(handler);
    if (shared !== undefined) shared.push(entry);
    else if (single === undefined) this.#single.set(handler, entry);
    else {
      this.#single.delete(handler);
      this.#shared.set(handler, [single, entry]);
    }
  }

  /** Makes it known that a handler has no route of its own. */
  addVariant(handler: object): void {
    this.#variants.add(handler);
  }

  entries(): readonly RouteEntry[] {
    return this.#all;
  }

  /** The routes that were registered under a path for a method; several where versions are told by headers. */
  at(method: string, registeredPath: string): readonly RouteEntry[] {
    if (this.#byPath.size === 0) for (const entry of this.#all) this.#addByPath(entry);
    return (
      this.#byPath.get(`${method} ${registeredPath}`) ??
      (method === 'HEAD' ? this.#byPath.get(`GET ${registeredPath}`) : undefined) ??
      this.#byPath.get(`ALL ${registeredPath}`) ??
      NO_ENTRIES
    );
  }

  #addByPath(entry: RouteEntry): void {
    const name = `${entry.route.method} ${entry.route.registeredPath}`;
    const others = this.#byPath.get(name);
    if (others === undefined) this.#byPath.set(name, [entry]);
    else others.push(entry);
  }

  /** @param request looked at only when handler and controller do not decide it */
  find(controller: object, handler: object, request: unknown, reader: RequestReader): RouteEntry | undefined {
    const single = this.#single.get(handler);
    if (single !== undefined) return single;
    const shared = this.#shared.get(handler);
    // A controller made for each request may bring a function of its own each time.
    if (shared === undefined) return this.#variants.has(handler) ? undefined : this.#findByPath(controller, request, reader);
    const own = shared.filter((entry) => entry.route.controller === controller);
    if (own.length === 1) return own[0];
    const path = reader.registeredPath(request);
    return own.find((entry) => entry.route.registeredPath === path);
  }

  #findByPath(controller: object, request: unknown, reader: RequestReader): RouteEntry | undefined {
    const path = reader.registeredPath(request);
    const method = reader.method(request);
    const here = this.#byController.get(controller)?.filter(({ route }) => route.registeredPath === path) ?? [];
    const of = (wanted: string) => here.find(({ route }) => route.method === wanted);
    return of(method) ?? (method === 'HEAD' ? of('GET') : undefined) ?? of('ALL');
  }
}
