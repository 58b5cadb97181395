// Pages of the reference about the admin: the REST API, as the running admin describes itself, and the metrics, as they are registered.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mustRun, ROOT } from './steps.mjs';

const TAGS = {
  changes: 'Changes',
  access: 'Access',
  routes: 'Routes',
  maintenance: 'Maintenance',
  'rate limits': 'Rate limits',
  flags: 'Flags and segments',
  audit: 'Audit and revisions',
  webhooks: 'Webhooks',
  SDK: 'SDK',
  OFREP: 'OFREP',
  health: 'Health and metrics',
};

/** What somebody who is confined to services may do with it, by what a handler says it touches. */
const SCOPES = {
  filtered: 'what concerns their services',
  service: 'their services',
  route: 'routes of their services',
  routes: 'routes of their services',
  limit: 'routes of their services',
  policy: 'routes of their services',
  revision: 'revisions that changed nothing but their services',
  named: 'their services',
};

/** Brings the built admin up to date. */
export function buildAdmin() {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  mustRun(process.execPath, [tsc, '-b', join('libs', 'admin', 'tsconfig.lib.json'), join('libs', 'nestjs', 'tsconfig.lib.json')]);
}

/** The OpenAPI document that an app with the admin answers with. */
export async function openApiDocument() {
  // One after the other: packages that require one another must not be imported at the same time.
  const { Module } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const { WaygateModule } = await import('@waygate/nestjs');
  const { WaygateAdminModule } = await import('@waygate/admin');
  class AppModule {}
  Module({
    imports: [WaygateModule.forRoot(), WaygateAdminModule.forRoot({ auth: 'none', allowInsecure: true, stats: false })],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  try {
    await app.listen(0, '127.0.0.1');
    const response = await fetch(`${await app.getUrl()}/waygate/api/openapi.json`);
    if (!response.ok) throw new Error(`The admin answered ${response.status}: ${await response.text()}`);
    return await response.json();
  } finally {
    await app.close();
  }
}

export function restPage({ paths, components }) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  const unknown = operations.find(({ tags: [tag] }) => TAGS[tag] === undefined);
  if (unknown !== undefined) throw new Error(`Say in scripts/reference-admin.mjs what the tag ${unknown.tags[0]} is called.`);
  const sections = Object.entries(TAGS).flatMap(([tag, title]) => [
    `## ${title}`,
    ...operations.filter(({ tags }) => tags.includes(tag)).map(operationSection),
  ]);
  const answers = Object.entries(components.schemas).map(([name, schema]) =>
    [`### ${name}`, schema.description, fieldsOf(schema)].filter(Boolean).join('\n\n'),
  );
  return [
    '---\noutline: 2\n---',
    '# REST API',
    `As an app with \`@waygate/admin\` describes itself: the same as an OpenAPI 3.1 document is at \`GET /api/openapi.json\`. All paths are below the
mount (\`/waygate\` by default). Sign-in, sessions, streams and errors are explained on the page about the [admin API](../admin-api.md).`,
    `Each endpoint says which role it needs at least, and what somebody who is confined to services may do with it. Every endpoint that fails
answers with an [Error](#error).`,
    ...sections,
    '## Answers',
    ...answers,
  ].join('\n\n');
}

function operationSection({ path, method, summary, parameters, requestBody, responses, ...operation }) {
  const named = parameters.filter(({ name }) => name !== 'If-Match');
  const body = requestBody?.content['application/json'].schema;
  return [
    `### \`${method} ${path}\``,
    `${sentence(summary)} ${needs(operation)}`,
    named.length === 0
      ? ''
      : table(
          ['parameter', 'in', 'meaning'],
          named.map(({ name, in: place, description = '' }) => [code(name), place, description]),
        ),
    body === undefined ? '' : bodyTable(body, requestBody.required),
    answerText(responses),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function needs({ 'x-waygate-role': role, 'x-waygate-scope': scope, 'x-waygate-sdk': sdk }) {
  if (role === undefined) return 'Open to everybody.';
  const who = `Needs \`${role}\`${sdk ? ' or `sdk`' : ''}`;
  if (scope === 'everything') return `${who}, not confined to services.`;
  const confined = SCOPES[scope];
  if (confined === undefined) throw new Error(`Say in scripts/reference-admin.mjs what the scope ${scope} means.`);
  return `${who}; who is confined to services: ${confined}.`;
}

function bodyTable(schema, required) {
  if (schema.$ref !== undefined) return `The body is a ${typeOf(schema)}${required ? '' : ', and may be absent'}.`;
  const rows = Object.entries(schema.properties).map(([name, field]) => [
    code(`${name}${schema.required?.includes(name) ? '' : '?'}`),
    typeOf(field),
    [field.description, bounds(field)].filter(Boolean).join(' '),
  ]);
  if (rows.length === 0) return '';
  return table([required ? 'body' : 'body (may be absent)', 'type', 'bounds'], rows);
}

function answerText(responses) {
  const [status, { content }] = Object.entries(responses).find(([key]) => key !== 'default');
  if (content === undefined) return `Answers ${status}.`;
  const [type, { schema }] = Object.entries(content)[0];
  if (type !== 'application/json') return `Answers ${status}, \`${type}\`.`;
  return schema.properties === undefined && schema.type === 'object'
    ? `Answers ${status}, an object.`
    : `Answers ${status}: ${typeOf(schema)}.`;
}

function fieldsOf(schema) {
  if (schema.properties === undefined) return `${typeOf(schema)}.`;
  const rows = Object.entries(schema.properties).map(([name, field]) => [
    code(`${name}${schema.required?.includes(name) ? '' : '?'}`),
    typeOf(field),
    [field.description, bounds(field)].filter(Boolean).join(' '),
  ]);
  return table(['field', 'type', 'meaning'], rows);
}

/** A type in words, with links to the types it consists of. */
function typeOf(schema) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1);
    return `[${name}](#${anchor(name)})`;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(typeOf).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, field]) => `${code(name)} ${typeOf(field)}`);
    return `{ ${fields.join('; ')} }`;
  }
  if (typeof schema.additionalProperties === 'object') return `object of ${typeOf(schema.additionalProperties)}`;
  if (schema.format === 'date-time') return 'time';
  return schema.type ?? 'anything';
}

function bounds({ minLength = 0, maxLength, minimum, maximum, maxItems }) {
  if (maxLength !== undefined)
    return minLength > 0 ? `${minLength} to ${maxLength} characters` : `at most ${maxLength} characters`;
  if (maxItems !== undefined) return `at most ${maxItems}`;
  if (minimum !== undefined) return maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  return '';
}

export async function metricsPage() {
  const path = join(ROOT, 'libs', 'admin', 'dist', 'metrics', 'metric-definitions.js');
  const { METRICS } = await import(pathToFileURL(path).href);
  const sections = Object.entries(METRICS).map(([name, { type, unit, labels, help }]) => {
    const rows = Object.entries(labels).map(([label, meaning]) => [code(label), meaning]);
    return [
      `## ${name}`,
      `${help}. A ${type}; unit: ${unit}.`,
      rows.length === 0 ? 'No labels.' : table(['label', 'meaning'], rows),
    ].join('\n\n');
  });
  return [
    '---\noutline: 2\n---',
    '# Metrics',
    `What \`GET /api/metrics\` of the [admin API](../admin-api.md#health-and-metrics) tells Prometheus, where \`prom-client\` is installed. All figures are
of one process; a metric has at most 1000 series, and what comes later is left out.`,
    ...sections,
  ].join('\n\n');
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text) {
  return `\`${text}\``;
}

function sentence(text) {
  return text.endsWith('.') ? text : `${text}.`;
}

function anchor(text) {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
