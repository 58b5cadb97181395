import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { REQUIREMENT, type Requirement } from './requires.js';

/** One method of one path of the admin. */
export interface Endpoint {
  readonly method: string;
  /** Below the mount, e.g. `/api/routes/:key`. */
  readonly path: string;
  readonly controller: string;
  readonly handler: string;
  /** `undefined` = nobody may call it. */
  readonly requirement: Requirement | undefined;
  readonly target: object;
  /** What the handler's own parameter decorators are made of. */
  readonly parameters: ReadonlySet<unknown>;
}

/** What Nest keeps of a handler's parameters. */
type Parameters = Readonly<Record<string, { readonly factory?: unknown }>>;

/** Every endpoint there is, as Nest's own metadata tells. */
@Injectable()
export class EndpointRegistry {
  #endpoints: readonly Endpoint[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  all(): readonly Endpoint[] {
    return (this.#endpoints ??= this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (typeof metatype === 'function' ? this.#endpointsOf(metatype as Type) : [])));
  }

  /** Methods that a path answers to. */
  methodsAt(path: string): readonly string[] {
    const segments = path.split('/');
    const methods = this.all()
      .filter((endpoint) => endpoint.method !== 'ALL' && matches(endpoint.path.split('/'), segments))
      .map(({ method }) => method);
    return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)];
  }

  #endpointsOf(controller: Type): Endpoint[] {
    const prototype = controller.prototype as Record<string, object>;
    return this.scanner.getAllMethodNames(prototype).flatMap((handler) => {
      const target = prototype[handler];
      if (target === undefined || Reflect.getMetadata('path', target) === undefined) return [];
      const method = RequestMethod[Reflect.getMetadata('method', target) as RequestMethod] ?? 'GET';
      const requirement = this.reflector.get<Requirement | undefined>(REQUIREMENT, target as () => void);
      const paths = [Reflect.getMetadata('path', target) as string | string[]].flat();
      const parameters = Reflect.getMetadata('__routeArguments__', controller, handler) as Parameters | undefined;
      const base = Reflect.getMetadata('path', controller) as string;
      return paths.map((path) => ({
        method,
        path: `/${[base, path]
          .flatMap((part) => part.split('/'))
          .filter((part) => part !== '')
          .join('/')}`,
        controller: controller.name,
        handler,
        requirement,
        target,
        parameters: new Set(Object.values(parameters ?? {}).map(({ factory }) => factory)),
      }));
    });
  }
}

function matches(template: readonly string[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}
