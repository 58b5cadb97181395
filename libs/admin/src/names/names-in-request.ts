import { formatRouteKey } from '@waygate/core';
import { queryOf, type AdminRequest } from '../http/admin-request.js';
import { isObject, parsed } from '../http/body.js';
import { decodePathKey, partsOf } from '../http/path-key.js';
import { splitPolicyKey } from '../http/policy-targets.js';

/** A route on a list of routes that stay up, or are not limited. */
export interface ExemptName {
  readonly list: 'maintenance' | 'limit';
  /** `null` = the list of everything. */
  readonly service: string | null;
  readonly route: string;
}

export interface NamesInRequest {
  readonly services: readonly string[];
  readonly exempt: readonly ExemptName[];
  /** The route of a limit; the method is `null` for all methods. */
  readonly limit: { readonly path: string; readonly method: string | null } | null;
}

/** The services and routes that a request to the REST API names. `path` is the one below the mount. */
export function namesInRequest(path: string, request: AdminRequest): NamesInRequest {
  const service = request.params['service'] ?? null;
  const filter = path === '/api/routes' ? queryOf(request, 'service') : null;
  const body = request.method === 'GET' ? undefined : parsed(request);
  const changes = path === '/api/changes' && isObject(body) && Array.isArray(body['changes']) ? body['changes'] : [];
  const parts = [
    ...(isObject(body) ? [namesOf(body, service)] : []),
    ...changes.filter(isObject).map((change) => namesOf(change, textOf(change['service']))),
  ];
  const inChanges = changes.filter(isObject).flatMap((change) => textOf(change['service']) ?? []);
  return {
    services: [...new Set([service, filter, ...inChanges].filter((name) => name !== null))],
    exempt: parts.flat(),
    limit: path.startsWith('/api/rate-limits') ? limitIn(request, body) : null,
  };
}

/** `exempt_paths` and `exempt` belong to maintenance, `exempt_routes` to limits. */
function namesOf(fields: Readonly<Record<string, unknown>>, service: string | null): readonly ExemptName[] {
  const of = (value: unknown, list: ExemptName['list']) =>
    Array.isArray(value) ? value.filter((route) => typeof route === 'string').map((route) => ({ list, service, route })) : [];
  return [
    ...of(fields['exempt_paths'], 'maintenance'),
    ...of(fields['exempt'], 'maintenance'),
    ...of(fields['exempt_routes'], 'limit'),
  ];
}

function limitIn(request: AdminRequest, body: unknown): NamesInRequest['limit'] {
  const key = request.params['key'];
  if (key !== undefined) {
    const { path, method } = splitPolicyKey(decodePathKey(key));
    return { path, method: method ?? queryOf(request, 'method')?.toUpperCase() ?? null };
  }
  if (!isObject(body)) return null;
  const path = textOf(body['path']);
  return path === null ? null : { path, method: (textOf(body['method']) ?? 'GET').toUpperCase() };
}

/** As it stands in messages: `service:METHOD:/path`. */
export function limitName({ path, method }: NonNullable<NamesInRequest['limit']>): string {
  const parts = partsOf(path);
  return formatRouteKey({ ...parts, method: parts.method ?? method });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
