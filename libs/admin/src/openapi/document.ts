import type { Requirement } from '../http/requires.js';
import { exactBodyOf } from '../http/body.js';
import type { Endpoint } from '../http/endpoint-registry.js';
import { ifMatchOf } from '../http/if-match.js';
import { ANSWERS } from './schemas/answers.js';
import { bodySchema } from './body-schema.js';
import type { Operation } from './operations/operation.js';
import { OPERATIONS } from './operations.js';
import { describeParameter } from './parameters.js';
import type { Schema } from './schemas/schema.js';

const INTRODUCTION = `Changes how an API behaves while it runs: routes, maintenance, rate limits, feature flags.

**Access.** Send a token as \`X-Waygate-Token\`: from \`POST /api/auth/login\`, or an API token made with \`POST /api/tokens\`. Without one the answer
is 401; with one whose role or services do not suffice, 403. \`x-waygate-role\` names the role an operation needs (viewer < operator < admin),
\`x-waygate-sdk\` whether tokens of SDKs may call it. With the cookie of \`POST /login\` a write needs the header \`X-Waygate-CSRF\` with the
\`csrf_token\` of \`GET /api/auth/me\`.

**Route keys.** A route is \`METHOD:/path\` with its template, \`service:METHOD:/path\` for another service; a bare \`/path\` does where one method answers
to it, else the answer is 409 with \`ambiguous_matches\`. In URLs stands the base64url of the key's UTF-8, without padding.

**Bodies** are JSON, whatever their type is said to be, of at most 256 KB (413). What is wrong with one is said in 400, naming the field. Where a schema
has \`additionalProperties: false\`, unknown fields are refused; elsewhere they are ignored. Times go in as ISO 8601 (without an offset: UTC) and come
out in UTC.

**Concurrency.** The answer for a single record has its revision as \`ETag\`. Sent as \`If-Match\` with a change, it makes the answer 412 when somebody
was faster, and nothing is changed.

**Errors** are \`{"error": "…"}\`: 400 bad request, 401 not signed in, 403 not allowed, 404 not there, 405 no such method, 409 conflict, 412 changed
meanwhile, 413 too large, 429 too many attempts to sign in (\`Retry-After\`), 503 the store cannot be reached: nothing was
changed, unless \`may_have_changed\` says that nobody knows.`;

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
    info: {
      title: 'Waygate admin API',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: mount === '' ? '/' : `/${mount}` }],
    paths,
    components: {
      schemas: ANSWERS,
      responses: {
        SignIn: failed('Nobody is signed in'),
        Forbidden: failed('The role or the services do not suffice'),
        Changed: failed('Changed since the revision in If-Match'),
        Failed: failed('Refused or failed'),
      },
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

function describe(endpoint: Endpoint, operation: Operation): object {
  const { path, handler, controller, requirement, parameters } = endpoint;
  const { summary, tag, body, lenient = false, query = [], cached = false } = operation;
  return {
    operationId: `${controller.replace(/Controller$/, '')}_${handler}`,
    summary,
    tags: [tag],
    ...access(requirement),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => describeParameter(name, 'path', path)),
      ...query.map((name) => describeParameter(name, 'query', path)),
      ...(parameters.has(ifMatchOf) ? [describeParameter('If-Match', 'header', path)] : []),
      ...(cached ? [describeParameter('If-None-Match', 'header', path)] : []),
      ...(tag === 'SDK' ? [describeParameter('X-Waygate-App-Id', 'header', path)] : []),
    ],
    ...(body === undefined ? {} : { requestBody: { required: !lenient, content: json(schemaOfBody(body, endpoint)) } }),
    responses: answers(endpoint, operation),
  };
}

/** What one handler refuses another may take: the class is the same, fields it does not have are not. */
function schemaOfBody(body: Operation['body'] & {}, { parameters }: Endpoint): Schema {
  if (typeof body === 'string') return reference(body);
  return { ...bodySchema(body), ...(parameters.has(exactBodyOf) ? { additionalProperties: false } : {}) };
}

function access(requirement: Requirement | undefined): object {
  if (requirement?.access !== 'role') return { security: [] };
  const { role, scope, sdk } = requirement;
  return { security: [{ token: [] }], 'x-waygate-role': role, 'x-waygate-scope': scope, 'x-waygate-sdk': sdk };
}

function answers({ requirement, parameters }: Endpoint, operation: Operation): object {
  const { failure = 'Error', cached = false, status = 200, others = {} } = operation;
  const refused = { description: 'What is wrong', content: json(reference(failure)) };
  return {
    [status]: success(operation),
    ...Object.fromEntries(Object.entries(others).map(([other, answer]) => [other, success({ ...operation, answer })])),
    ...(cached ? { 304: { description: 'Still the same' } } : {}),
    ...(failure === 'Error' ? {} : { 400: refused, 404: refused }),
    ...(requirement?.access === 'role' ? { 401: { $ref: '#/components/responses/SignIn' } } : {}),
    ...(requirement?.access === 'role' ? { 403: { $ref: '#/components/responses/Forbidden' } } : {}),
    ...(parameters.has(ifMatchOf) ? { 412: { $ref: '#/components/responses/Changed' } } : {}),
    default: { $ref: '#/components/responses/Failed' },
  };
}

function success({ answer, list = false, status = 200, type = 'application/json' }: Operation): object {
  if (status === 302) return { description: 'Leads on' };
  const plain: Schema = { type: type === 'application/json' ? 'object' : 'string' };
  const one = answer === undefined ? plain : reference(answer);
  return { description: 'Done', content: { [type]: { schema: list ? { type: 'array', items: one } : one } } };
}

function failed(description: string): object {
  return { description, content: json(reference('Error')) };
}

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function json(schema: Schema): object {
  return { 'application/json': { schema } };
}
