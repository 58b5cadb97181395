import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { SwaggerModule, type OpenAPIObject, type SwaggerCustomOptions } from '@nestjs/swagger';
import { WaygateEngine } from '@waygate/core';
import type { Platform } from '../platform/platform.js';
import { platformOf } from '../platform/platform-of.js';
import { RouteRegistry } from '../routes/route-registry.js';
import { ASSET_FILES } from './asset-files.js';
import { DocsStream } from './docs-stream.js';
import { liveDocument } from './live-document.js';
import { mapOperations, type DocumentedOperation } from './map-operations.js';
import { docsState, type DocsState } from './operation-state.js';

/**
 * Swagger UI and an OpenAPI document that follow the state of the app while it runs.
 *
 * @example
 * ```ts
 * const config = new DocumentBuilder().setTitle('Shop').build();
 * WaygateSwagger.setup('docs', app, () => SwaggerModule.createDocument(app, config));
 * ```
 */
export class WaygateSwagger {
  /**
   * Serves Swagger UI at `path` and the document at `path-json` and `path-yaml`, like `SwaggerModule.setup`. Operations of disabled routes
   * are hidden, and those in maintenance or deprecated are marked. An open page follows changes without a reload.
   *
   * Operations are matched by method and path template. Routes that differ only by a version in a header or media type share one
   * operation in OpenAPI, which is hidden when all of them are.
   *
   * Call it before the app listens.
   *
   * @param document the document, or a function that is called when it is first needed
   * @param options those of `SwaggerModule.setup`; your own `patchDocumentOnRequest` gets the live document
   *
   * @example
   * ```ts
   * const config = new DocumentBuilder().setTitle('Shop').build();
   * WaygateSwagger.setup('docs', app, SwaggerModule.createDocument(app, config), { useGlobalPrefix: true });
   * ```
   */
  static setup(
    path: string,
    app: INestApplication,
    document: OpenAPIObject | (() => OpenAPIObject),
    options: SwaggerCustomOptions = {},
  ): void {
    new LiveDocs(app, document, options).serve(path);
  }
}

/** One mounted documentation. */
class LiveDocs {
  readonly #engine: WaygateEngine;
  readonly #platform: Platform;
  #document: OpenAPIObject | undefined;
  #operations: readonly DocumentedOperation[] | undefined;
  #state: DocsState | undefined;
  #live: OpenAPIObject | undefined;

  constructor(
    private readonly app: INestApplication,
    private readonly source: OpenAPIObject | (() => OpenAPIObject),
    private readonly options: SwaggerCustomOptions,
  ) {
    this.#engine = app.get(WaygateEngine);
    this.#platform = platformOf(app.get(HttpAdapterHost).httpAdapter);
  }

  serve(path: string): void {
    const own = this.options.patchDocumentOnRequest;
    const base = this.#basePath(path);
    const folder = base.split('/').at(-1) ?? '';
    SwaggerModule.setup(path, this.app, () => this.#original(), {
      ...this.options,
      customJs: [`./${folder}/waygate.js`, ...listOf(this.options.customJs)],
      customCssUrl: [`./${folder}/waygate.css`, ...listOf(this.options.customCssUrl)],
      // Not async: older releases of Nest's Swagger module do not wait for a promise.
      patchDocumentOnRequest: (request: unknown, response: unknown) =>
        own === undefined ? this.live() : own(request, response, this.live()),
    });
    // The page is the same at `/docs` and `/docs/`, where the browser resolves what it links to differently.
    const stream = new DocsStream(
      this.#engine,
      () => this.#message(),
      () => this.#engine.now(),
    );
    for (const root of [base, `${base}/${folder}`]) this.#serveParts(root, stream);
  }

  /** The document as it is true now: made anew when something changed or a window opened or closed, not for every request. */
  live(): OpenAPIObject {
    const state = this.#current();
    return (this.#live ??= liveDocument(this.#original(), state));
  }

  #serveParts(root: string, stream: DocsStream): void {
    const adapter = this.app.getHttpAdapter();
    const send = (type: string, body: () => string) => (_request: unknown, response: unknown) => {
      this.#platform.setHeader(response, 'Cache-Control', 'no-cache');
      this.#platform.send(response, 200, type, body());
    };
    adapter.get(
      `${root}/waygate.js`,
      send('text/javascript; charset=utf-8', () => ASSET_FILES['waygate.js']),
    );
    adapter.get(
      `${root}/waygate.css`,
      send('text/css; charset=utf-8', () => ASSET_FILES['waygate.css']),
    );
    adapter.get(
      `${root}/waygate/document`,
      send('application/json; charset=utf-8', () => JSON.stringify(this.live())),
    );
    adapter.get(`${root}/waygate/events`, (request: unknown, response: unknown) =>
      stream.add(this.#platform.openEventStream(request, response)),
    );
  }

  #message(): { json: string; until: number } {
    const { revision, maintenance, operations, until } = this.#current();
    const told = operations
      .filter(({ status }) => status !== 'hidden')
      .map(({ path, method, status, reason, until: end, deprecation }) => ({
        path,
        method,
        status,
        reason,
        until: end,
        sunset: deprecation?.sunset ?? null,
      }));
    return { json: JSON.stringify({ revision, maintenance, operations: told }), until };
  }

  #current(): DocsState {
    const now = this.#engine.now();
    const state = this.#state;
    if (state !== undefined && state.revision === this.#engine.revision && now >= state.from && now < state.until) return state;
    this.#operations ??= mapOperations(
      this.#original(),
      this.app.get(RouteRegistry).entries(),
      this.app.get(ApplicationConfig).getGlobalPrefix(),
    );
    this.#live = undefined;
    return (this.#state = docsState(this.#engine, this.#operations));
  }

  #original(): OpenAPIObject {
    return (this.#document ??= typeof this.source === 'function' ? this.source() : this.source);
  }

  #basePath(path: string): string {
    const prefix = this.options.useGlobalPrefix === true ? this.app.get(ApplicationConfig).getGlobalPrefix() : '';
    return `/${[prefix, path]
      .map((part) => part.replace(/^\/+|\/+$/g, ''))
      .filter((part) => part !== '')
      .join('/')}`;
  }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
