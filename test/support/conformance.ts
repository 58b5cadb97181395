import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateAdminModule } from '@waygate/admin';
import { MemoryBackend, WaygateModule } from '@waygate/nestjs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Json = Record<string, unknown>;

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly responses: Json };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: Json } };
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

/** One exchange with an admin, its path below the mount. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly json: unknown;
}

@Module({
  imports: [WaygateModule.forRoot({ backend: new MemoryBackend() }), WaygateAdminModule.forRoot({ auth: 'none' })],
})
class DocumentedModule {}

/** Checks answers against the OpenAPI document. */
export class Conformance {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #checks = new Map<string, ValidateFunction>();

  static #loaded: Promise<Conformance> | undefined;

  private constructor(readonly document: OpenApi) {
    formats.default(this.#ajv);
    // What the document does not name must not come either.
    this.#ajv.addSchema(closed(document) as Json, 'api');
  }

  /** Reads the document, once, from an admin of its own, so that the answers of every admin can be checked against it. */
  static load(): Promise<Conformance> {
    return (this.#loaded ??= this.#load());
  }

  static async #load(): Promise<Conformance> {
    const app = await NestFactory.create(DocumentedModule, { logger: ['fatal'] });
    await app.listen(0, '127.0.0.1');
    const text = await (await fetch(`${await app.getUrl()}/waygate/api/openapi.json`)).text();
    await app.close();
    return new Conformance(JSON.parse(text) as OpenApi);
  }

  /** What is not as the document says; paths that are not in it are not looked at. */
  problems({ method, path, sent, status, json }: Exchange): readonly string[] {
    const template = this.#templateOf(path.split('?')[0] ?? '', method.toLowerCase());
    if (template === null) return [];
    const at = `#/paths/${pointer(template)}/${method.toLowerCase()}`;
    const operation = this.document.paths[template]?.[method.toLowerCase()];
    if (operation === undefined) return [];
    const found: string[] = [];
    const key = String(status) in operation.responses ? String(status) : 'default';
    if (status < 400 && key === 'default') found.push(`${method} ${template}: ${status} is not described`);
    const response = operation.responses[key] as { readonly $ref?: string; readonly content?: object } | undefined;
    if (json !== undefined && (response?.$ref !== undefined || response?.content !== undefined)) {
      const content = response.$ref ?? `${at}/responses/${key}`;
      found.push(...this.#check(`${content}/content/${pointer('application/json')}/schema`, json, `${method} ${path} ${status}`));
    }
    // What was taken, is what the document says will be.
    if (status < 300 && operation.requestBody !== undefined && typeof sent === 'object' && !Array.isArray(sent))
      found.push(
        ...this.#check(`${at}/requestBody/content/${pointer('application/json')}/schema`, sent, `to ${method} ${path}`, true),
      );
    return found;
  }

  #templateOf(path: string, method: string): string | null {
    const segments = path.split('/');
    const matching = Object.keys(this.document.paths).filter((template) => {
      const parts = template.split('/');
      return (
        this.document.paths[template]?.[method] !== undefined &&
        parts.length === segments.length &&
        parts.every((part, index) => part.startsWith('{') || part === segments[index])
      );
    });
    // The one with the most text, as the router has it.
    return matching.toSorted((a, b) => a.split('{').length - b.split('{').length)[0] ?? null;
  }

  #check(reference: string, value: unknown, where: string, extra = false): readonly string[] {
    let check = this.#checks.get(reference);
    if (check === undefined) this.#checks.set(reference, (check = this.#ajv.compile({ $ref: `api${reference}` })));
    if (check(value)) return [];
    const errors = (check.errors ?? []).filter(({ keyword }) => !extra || keyword !== 'additionalProperties');
    return errors.map(
      ({ instancePath, message, params }) => `${where}${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }
}

/** The document with objects that have no other fields than those it names. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, closed(inner)]));
  const isObject = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return isObject ? { ...copy, additionalProperties: false } : copy;
}

function pointer(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
}
