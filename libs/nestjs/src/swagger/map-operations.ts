import type { OpenAPIObject } from '@nestjs/swagger';
import type { RouteEntry } from '../routes/route-registry.js';

/** Methods under which OpenAPI keeps operations. */
export const OPERATION_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'search'] as const;

/** An operation of a document, and the routes of the app that answer to it. */
export interface DocumentedOperation {
  /** Path as it stands in the document. */
  readonly path: string;
  /** In lower case. */
  readonly method: string;
  /** Several where versions differ by header or media type: such routes share one operation. */
  readonly entries: readonly RouteEntry[];
}

/**
 * Finds the routes behind a document's operations by template: `/items/:id` and `/items/{id}` are the same. Operations without a route
 * (other documents, hand-written paths) are left out.
 * @param prefix the app's global prefix, for documents made with `ignoreGlobalPrefix`
 */
export function mapOperations(
  document: OpenAPIObject,
  routes: readonly RouteEntry[],
  prefix: string,
): readonly DocumentedOperation[] {
  const byTemplate = new Map<string, RouteEntry[]>();
  for (const entry of routes) {
    const { method, path } = entry.route;
    const key = `${method.toLowerCase()} ${withoutNames(path)}`;
    byTemplate.set(key, [...(byTemplate.get(key) ?? []), entry]);
  }
  const root = prefix === '' ? '' : `/${prefix.replace(/^\/+|\/+$/g, '')}`;
  const find = (method: string, path: string) =>
    byTemplate.get(`${method} ${path}`) ??
    byTemplate.get(`all ${path}`) ??
    byTemplate.get(`${method} ${root}${path}`) ??
    byTemplate.get(`all ${root}${path}`);

  const operations: DocumentedOperation[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of OPERATION_METHODS) {
      if (!Object.hasOwn(item, method)) continue;
      const entries = find(method, withoutNames(path));
      if (entries !== undefined) operations.push({ path, method, entries });
    }
  }
  return operations;
}

/** A template with every parameter and wildcard reduced to `{}`, and no slash at the end. */
function withoutNames(path: string): string {
  const bare = path.replace(/\{[^}/]*\}|:[A-Za-z0-9_]+(?:\([^)]*\))?\??|\*[A-Za-z0-9_]*/g, '{}');
  return bare.length > 1 ? bare.replace(/\/+$/, '') : bare;
}
