import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ConfigurationError, type FlagDetails, type SyncFlags } from '@waygate/core';
import { RouteExplorer } from '../routes/route-explorer.js';
import { RouteRegistry, type DiscoveredRoute, type RouteEntry } from '../routes/route-registry.js';
import { variantDeclaration, type VariantDeclaration } from '../decorators/route-variant.decorator.js';

type Handler = (request: unknown, response: unknown, next: unknown) => unknown;
type Register = (path: unknown, handler?: unknown) => unknown;

/** A handler that serves a route in place of the one it is registered with. */
export interface RouteVariantHandler extends VariantDeclaration {
  /** The handler with all that Nest puts around it. */
  readonly serve: Handler;
}

/** How routes are registered with Nest's adapters. */
const REGISTERING = ['get', 'post', 'put', 'delete', 'patch', 'options', 'head', 'all', 'search', 'query'] as const;

/**
 * Holds the handlers that serve routes to some callers. Nest makes them as it makes any handler; only when it registers them with the web
 * framework, they are kept back: the path belongs to the other handler.
 */
@Injectable()
export class RouteVariants {
  readonly #made: { readonly declared: object; readonly method: string; readonly path: unknown; readonly serve: Handler }[] = [];
  readonly #byRoute = new Map<RouteEntry, RouteVariantHandler[]>();

  constructor(
    private readonly explorer: RouteExplorer,
    private readonly registry: RouteRegistry,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Must be called when the HTTP adapter is known and no route is registered yet. */
  watch(): void {
    if (this.explorer.variants().next().done === true) return;
    const adapter = this.adapterHost.httpAdapter as unknown as Record<string, Register | undefined>;
    for (const method of REGISTERING) {
      const register = adapter[method]?.bind(adapter);
      if (register === undefined) continue;
      adapter[method] = (path, handler) => {
        const variant = typeof handler === 'function' ? variantDeclaration(handler) : undefined;
        if (variant === undefined) return register(path, handler);
        this.#made.push({ declared: variant.handler, method: method.toUpperCase(), path, serve: handler as Handler });
        return undefined;
      };
    }
  }

  /**
   * Joins the kept handlers with their routes. Must be called when all routes are registered.
   * @throws {ConfigurationError} for a variant of nothing
   */
  join(): void {
    for (const route of this.explorer.variants()) {
      const variant = variantDeclaration(route.handler);
      const base = this.registry
        .entries()
        .find((entry) => entry.route.controller === route.controller && entry.route.key === route.key);
      if (variant === undefined) continue;
      if (base === undefined) {
        throw problem(route, 'no other handler of the controller answers to it; a variant needs one for everybody else');
      }
      const made = this.#made.filter(
        ({ declared, method, path }) => declared === variant.handler && method === route.method && path === route.registeredPath,
      );
      const [only] = made;
      // Without HTTP nothing is registered.
      if (only === undefined) continue;
      if (made.length > 1) throw problem(route, 'several controllers inherit the variant under this path; give each one its own');
      this.registry.addVariant(route.handler);
      this.#byRoute.set(base, [...(this.#byRoute.get(base) ?? []), { ...variant, serve: only.serve }]);
    }
  }

  /** Variants of a route, in the order in which they are declared. */
  of(route: RouteEntry): readonly RouteVariantHandler[] {
    return this.#byRoute.get(route) ?? [];
  }
}

/** Whether an evaluation gives a variation. A test that overrides the flag gives a value, which is the variation's, or its name. */
export function gives({ reason, variation, value }: FlagDetails, wanted: VariantDeclaration, flags: SyncFlags): boolean {
  if (reason !== 'OVERRIDE') return variation === wanted.variation;
  if (value === wanted.variation) return true;
  const known = flags.list({ search: wanted.flag }).find(({ key }) => key === wanted.flag)?.variations;
  if (known === undefined) return typeof value === 'boolean' && wanted.variation === (value ? 'on' : 'off');
  return known.some((each) => each.name === wanted.variation && isDeepStrictEqual(each.value, value));
}

function problem({ controller, methodName, key }: DiscoveredRoute, text: string): ConfigurationError {
  return new ConfigurationError(`${controller.name}.${methodName} (${key}): ${text}.`);
}
