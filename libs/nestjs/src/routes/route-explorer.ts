import { RequestMethod, VersioningType, VERSION_NEUTRAL, Injectable, type Type, type VersioningOptions } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { declarationOf } from '../decorators/declaration.metadata.js';
import { variantDeclaration } from '../decorators/route-variant.decorator.js';
import { NEST_METADATA, RoutePathFactory } from '../platform/nest-internals.js';
import type { DiscoveredRoute } from './route-registry.js';
import { swaggerTags } from './swagger-tags.js';

type Version = string | symbol | (string | symbol)[];

/** A handler of a controller, whatever paths it answers to. */
interface DiscoveredHandler {
  readonly controller: Type;
  readonly methodName: string;
  readonly handler: object;
}

interface HandlerOfModule extends DiscoveredHandler {
  readonly module: Type;
}

/** Finds every route of the app the way Nest's own router does. */
@Injectable()
export class RouteExplorer {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly scanner: MetadataScanner,
    private readonly config: ApplicationConfig,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Handlers of all controllers, variants too. May be called as soon as modules are scanned. */
  *handlers(): IterableIterator<HandlerOfModule> {
    for (const module of this.modules.values()) {
      for (const { metatype, instance } of module.controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const controller = metatype as Type;
        const prototype = controller.prototype as Record<string, unknown>;
        for (const methodName of this.scanner.getAllMethodNames(prototype)) {
          const declared = prototype[methodName];
          if (typeof declared !== 'function' || Reflect.getMetadata(NEST_METADATA.path, declared) === undefined) continue;
          // Nest calls what the instance has; that is another function where a constructor replaced it.
          const own = (instance as Record<string, unknown> | undefined)?.[methodName];
          const handler = typeof own === 'function' ? own : declared;
          yield { controller, methodName, handler, module: module.metatype };
        }
      }
    }
  }

  /** Every route with its final path: prefixes, versions and module paths are settled once modules are initialised. */
  *routes(): IterableIterator<DiscoveredRoute> {
    yield* this.#routesOf((handler) => variantDeclaration(handler) === undefined);
  }

  /** What would be routes, were they not variants of others. */
  *variants(): IterableIterator<DiscoveredRoute> {
    yield* this.#routesOf((handler) => variantDeclaration(handler) !== undefined);
  }

  *#routesOf(concerns: (handler: object) => boolean): IterableIterator<DiscoveredRoute> {
    const paths = new RoutePathFactory(this.config);
    const versioning = this.config.getVersioning();
    // Without HTTP there is no adapter, and nothing to tell it.
    const adapter = this.adapterHost.httpAdapter as { normalizePath?(path: string): string } | undefined;
    for (const { controller, methodName, handler, module } of this.handlers()) {
      if (!concerns(handler)) continue;
      const declared = (controller.prototype as Record<string, object>)[methodName] as object;
      const requestMethod = Reflect.getMetadata(NEST_METADATA.method, declared) as RequestMethod;
      const methodVersion = Reflect.getMetadata(NEST_METADATA.version, declared) as Version | undefined;
      const controllerVersion = this.#controllerVersion(controller, versioning);
      const declaration = { ...declarationOf(controller, declared), ...swaggerTags(controller, declared) };
      const found = new Set<string>();
      for (const ctrlPath of pathsIn(controller)) {
        for (const methodPath of pathsIn(declared)) {
          const metadata = {
            ctrlPath,
            methodPath,
            modulePath: this.#modulePath(module),
            globalPrefix: this.config.getGlobalPrefix(),
            ...(controllerVersion === undefined ? {} : { controllerVersion: controllerVersion as string }),
            ...(methodVersion === undefined ? {} : { methodVersion: methodVersion as string }),
            ...(versioning === undefined ? {} : { versioningOptions: versioning }),
          };
          for (const path of paths.create(metadata, requestMethod)) {
            const method = methodOf(requestMethod);
            const template = tidy(path);
            const key = `${method}:${template}${versionSuffix(methodVersion ?? controllerVersion, versioning)}`;
            if (found.has(key)) continue;
            found.add(key);
            const registeredPath = adapter?.normalizePath?.(path) ?? path;
            yield { controller, methodName, handler, key, method, path: template, registeredPath, declaration };
          }
        }
      }
    }
  }

  #controllerVersion(controller: Type, versioning: VersioningOptions | undefined): Version | undefined {
    if (versioning === undefined) return undefined;
    return (Reflect.getMetadata(NEST_METADATA.version, controller) as Version | undefined) ?? versioning.defaultVersion;
  }

  #modulePath(module: Type): string {
    const own = Reflect.getMetadata(NEST_METADATA.modulePath + this.modules.applicationId, module) as string | undefined;
    return own ?? (Reflect.getMetadata(NEST_METADATA.modulePath, module) as string | undefined) ?? '';
  }
}

function pathsIn(target: object): readonly string[] {
  const path = Reflect.getMetadata(NEST_METADATA.path, target) as string | string[] | undefined;
  const paths = path === undefined ? [''] : Array.isArray(path) ? path : [path];
  return paths.map((one) => (one.startsWith('/') ? one : `/${one}`));
}

function methodOf(requestMethod: RequestMethod | undefined): string {
  return RequestMethod[requestMethod ?? RequestMethod.GET] ?? 'GET';
}

/** Leading slash, no trailing one. */
function tidy(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
}

/** Versions that are not part of the path tell routes apart at the end of the key: `GET:/orders@2`. */
function versionSuffix(version: Version | undefined, versioning: VersioningOptions | undefined): string {
  if (version === undefined || versioning === undefined || versioning.type === VersioningType.URI) return '';
  const versions = (Array.isArray(version) ? version : [version]).filter((one) => one !== VERSION_NEUTRAL);
  return versions.length === 0 ? '' : `@${versions.map(String).join('+')}`;
}
