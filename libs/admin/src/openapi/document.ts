import type { Requirement } from '../auth/requires.js';
import type { Endpoint } from '../http/endpoint-registry.js';
import { ANSWERS } from './answers.js';
import { bodySchema, type Schema } from './body-schema.js';
import { OPERATIONS, type Operation } from './operations.js';

const SERVER_FIELDS: ReadonlySet<string> = new Set([
  'created_at',
  'created_by',
  'updated_at',
  'switch_back_at',
  'progressive_rollout',
  'revision',
]);

/**
 * The OpenAPI 3.1 document of the admin's API: paths, roles and bodies as the handlers and DTO classes say, with descriptions beside them.
 * @param mount path of the admin, as its server URL
 */
export function openApiDocument(endpoints: readonly Endpoint[], mount: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const operation = OPERATIONS[`${endpoint.method} ${endpoint.path}`];
    if (operation === undefined) continue;
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = describe(endpoint, operation);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Waygate admin API', version: '1', description: 'Changes how an API behaves while it runs.' },
    servers: [{ url: mount === '' ? '/' : `/${mount}` }],
    paths,
    components: {
      schemas: ANSWERS,
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Waygate-Token',
          description: 'From `POST /api/auth/login`, or an API token.',
        },
      },
    },
  };
}

function describe({ path, method, handler, controller, requirement }: Endpoint, operation: Operation): object {
  const { summary, tag, body, record, lenient = false, query = [] } = operation;
  const schema = body === undefined ? recordSchema(record) : bodySchema(body);
  return {
    operationId: `${controller.replace(/Controller$/, '')}_${handler}`,
    summary,
    tags: [tag],
    ...access(requirement),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => parameter(name, 'path')),
      ...query.map((name) => parameter(name, 'query')),
      ...(method === 'GET' || schema === undefined ? [] : [parameter('If-Match', 'header')]),
    ],
    ...(schema === undefined ? {} : { requestBody: { required: !lenient, content: json(schema) } }),
    responses: {
      ...answer(operation),
      default: { description: 'Refused or failed', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

/** A record as it is given out, less what only the server knows. */
function recordSchema(record: Operation['record']): Schema | undefined {
  if (record === undefined) return undefined;
  const fields = Object.entries(ANSWERS[record.name].properties as Record<string, Schema>);
  const properties = Object.fromEntries(fields.filter(([name]) => !SERVER_FIELDS.has(name)));
  return { type: 'object', properties, ...(record.required.length === 0 ? {} : { required: record.required }) };
}

function access(requirement: Requirement | undefined): object {
  if (requirement?.access !== 'role') return { security: [] };
  const { role, scope, sdk } = requirement;
  return { security: [{ token: [] }], 'x-waygate-role': role, 'x-waygate-scope': scope, 'x-waygate-sdk': sdk };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  key: 'base64url of the UTF-8 of a route key, e.g. of `GET:/payments`.',
  service: 'Name of a service.',
  'If-Match': 'Revision the record must be at, e.g. `"12"`; else 412.',
  limit: '1 to 1000; default 50.',
  cursor: 'From the page before.',
  revision: 'Number of a revision.',
  webhook: 'Key of a webhook.',
  minutes: '1 to 60; default 60.',
  state: '`pending`, `claimed`, `delivered` or `dead`.',
  from: 'Number of a revision.',
  to: 'Number of a revision.',
  format: '`jsonl` (default) or `csv`.',
};

function parameter(name: string, place: 'path' | 'query' | 'header'): object {
  const description = DESCRIPTIONS[name];
  return {
    name,
    in: place,
    required: place === 'path',
    schema: { type: 'string' },
    ...(description === undefined ? {} : { description }),
  };
}

function answer({ answer: name, list = false, status = 200, type = 'application/json' }: Operation): object {
  const one: Schema = { $ref: `#/components/schemas/${name ?? ''}` };
  const schema: Schema =
    name === undefined
      ? type === 'application/json'
        ? { type: 'object' }
        : { type: 'string' }
      : list
        ? { type: 'array', items: one }
        : one;
  return { [status]: { description: 'Done', ...(status === 302 ? {} : { content: { [type]: { schema } } }) } };
}

function json(schema: Schema): object {
  return { 'application/json': { schema } };
}
