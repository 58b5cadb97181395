import type { OpenAPIObject } from '@nestjs/swagger';
import type { DocsState, OperationState } from './operation-state.js';
import { OPERATION_METHODS } from './map-operations.js';

type Operation = Record<string, unknown> & { readonly tags?: readonly string[]; readonly responses?: Record<string, unknown> };
type PathItem = Partial<Record<(typeof OPERATION_METHODS)[number], Operation>>;

const BLOCKED_SCHEMA = 'WaygateBlocked';
const BLOCKED_REF = `#/components/schemas/${BLOCKED_SCHEMA}`;

/**
 * The document as it is true now: hidden operations are gone with the tags and components only they used, stopped ones are marked,
 * deprecated ones flagged, and the answers Waygate may give are described.
 * @returns a copy; the original is never changed
 */
export function liveDocument(document: OpenAPIObject, state: DocsState): OpenAPIObject {
  const states = new Map(state.operations.map((operation) => [`${operation.method} ${operation.path}`, operation]));
  const paths: Record<string, PathItem> = {};
  for (const [path, item] of Object.entries(document.paths as Record<string, PathItem>)) {
    const live = livePathItem(path, item, states);
    if (live !== null) paths[path] = live;
  }
  const maintenance = state.maintenance;
  const global =
    maintenance === null ? { enabled: false } : { enabled: true, reason: maintenance.reason, exempt_paths: maintenance.exempt };
  const changed = {
    ...document,
    info: { ...document.info, 'x-waygate-global-maintenance': global },
    paths,
    components: { ...document.components, schemas: { ...document.components?.schemas, [BLOCKED_SCHEMA]: blockedSchema() } },
  } as OpenAPIObject;
  return withoutOrphans(document, changed);
}

function livePathItem(path: string, item: PathItem, states: ReadonlyMap<string, OperationState>): PathItem | null {
  const live: PathItem = { ...item };
  let had = 0;
  let left = 0;
  for (const method of OPERATION_METHODS) {
    const operation = item[method];
    if (operation === undefined) continue;
    had++;
    const state = states.get(`${method} ${path}`);
    if (state?.status === 'hidden') delete live[method];
    else {
      left++;
      if (state !== undefined) live[method] = liveOperation(operation, state);
    }
  }
  return had > 0 && left === 0 ? null : live;
}

function liveOperation(operation: Operation, state: OperationState): Operation {
  const { deprecation, reason, until } = state;
  const notes: string[] = [];
  let live: Operation = operation;
  if (state.status === 'maintenance') {
    const end = until === null ? '' : ` Expected back ${readable(until)}.`;
    notes.push(`> 🔧 **In maintenance.**${reason === '' ? '' : ` ${markdownText(reason)}`}${end}`);
    const summary = typeof operation['summary'] === 'string' ? operation['summary'] : '';
    live = {
      ...live,
      summary: `🔧 ${summary}`.trim(),
      'x-waygate-status': 'maintenance',
      'x-waygate-reason': reason,
      ...(until === null ? {} : { 'x-waygate-until': until }),
    };
  }
  if (deprecation !== null) {
    const { since, sunset, successor, link } = deprecation;
    const sunsetNote = sunset === null ? '' : ` It may be gone after ${readable(sunset)}.`;
    const successorNote = successor === null ? '' : ` Use \`${successor.replaceAll('`', '')}\` instead.`;
    notes.push(`> **Deprecated** since ${readable(since)}.${sunsetNote}${successorNote}`);
    live = {
      ...live,
      deprecated: true,
      'x-waygate-deprecated-since': since,
      ...(sunset === null ? {} : { 'x-waygate-sunset': sunset }),
      ...(successor === null ? {} : { 'x-waygate-successor': successor }),
      ...(link === null ? {} : { 'x-waygate-deprecation-link': link }),
    };
    if (state.status === 'active') live = { ...live, 'x-waygate-status': 'deprecated' };
  }
  if (notes.length > 0) {
    const description = typeof operation['description'] === 'string' ? operation['description'] : '';
    live = { ...live, description: [...notes, description].filter((part) => part !== '').join('\n\n') };
  }
  return { ...live, responses: { ...possibleBlocks(state), ...operation.responses } };
}

/** The answers Waygate may give in the place of the handler. */
function possibleBlocks(state: OperationState): Record<string, unknown> {
  if (state.protected) return {};
  const content = { 'application/json': { schema: { $ref: BLOCKED_REF } } };
  const retryAfter = {
    'Retry-After': { description: 'Seconds after which to come back', schema: { type: 'integer', minimum: 1 } },
  };
  const unavailable = { description: 'In maintenance or disabled', headers: retryAfter, content };
  return state.limited
    ? { 429: { description: 'Too many requests', headers: retryAfter, content }, 503: unavailable }
    : { 503: unavailable };
}

function blockedSchema(): object {
  const text = { type: 'string' };
  const moment = { type: 'string', format: 'date-time' };
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message', 'reason', 'path'],
        properties: {
          code: { type: 'string', enum: ['MAINTENANCE_MODE', 'ROUTE_DISABLED', 'ENV_GATED', 'RATE_LIMIT_EXCEEDED'] },
          message: text,
          reason: text,
          path: text,
          retry_after: { ...moment, description: 'When the maintenance ends, if that is known' },
          limit: { ...text, description: 'The limit that was reached' },
          retry_after_seconds: { type: 'integer', minimum: 1 },
          reset_at: moment,
        },
      },
    },
  };
}

/** Removes tags and components that only operations used which are gone. What nothing ever used stays: somebody wanted it there. */
function withoutOrphans(before: OpenAPIObject, after: OpenAPIObject): OpenAPIObject {
  const orphaned = difference(componentsUsedBy(before), componentsUsedBy(after));
  const lostTags = difference(tagsUsedBy(before), tagsUsedBy(after));
  const components: Record<string, unknown> = { ...after.components };
  for (const [section, entries] of Object.entries(components)) {
    if (typeof entries !== 'object' || entries === null) continue;
    const kept = Object.entries(entries).filter(([name]) => !orphaned.has(`#/components/${section}/${name}`));
    components[section] = Object.fromEntries(kept);
  }
  const tags = after.tags?.filter(({ name }) => !lostTags.has(name));
  return { ...after, components, ...(tags === undefined ? {} : { tags }) };
}

/** Every component reachable from the paths (and webhooks), through other components. */
function componentsUsedBy(document: OpenAPIObject): ReadonlySet<string> {
  const used = new Set<string>();
  const queue: unknown[] = [document.paths, (document as { webhooks?: unknown }).webhooks];
  while (queue.length > 0) {
    for (const reference of referencesIn(queue.pop())) {
      if (used.has(reference)) continue;
      used.add(reference);
      const [, , section = '', name = ''] = reference.split('/');
      queue.push((document.components as Record<string, Record<string, unknown>> | undefined)?.[section]?.[name]);
    }
  }
  return used;
}

/** All text that points at a component: `$ref` and discriminator mappings. */
function* referencesIn(value: unknown): IterableIterator<string> {
  if (typeof value === 'string') {
    if (value.startsWith('#/components/')) yield value;
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) yield* referencesIn(part);
  }
}

function tagsUsedBy(document: OpenAPIObject): ReadonlySet<string> {
  const tags = new Set<string>();
  for (const item of Object.values(document.paths as Record<string, PathItem>)) {
    for (const method of OPERATION_METHODS) for (const tag of item[method]?.tags ?? []) tags.add(tag);
  }
  return tags;
}

function difference<T>(from: ReadonlySet<T>, without: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...from].filter((entry) => !without.has(entry)));
}

/** Text of an operator within Markdown: shown as written, on one line. */
function markdownText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()#+!|~>]/g, String.raw`\$&`)
    .replaceAll('<', '&lt;');
}

function readable(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
