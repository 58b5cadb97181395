import type { Type } from '@nestjs/common';
import { LoginBody } from '../auth/auth.controller.js';
import { ExemptBody, MaintenanceSwitchBody, SwitchOffBody } from '../maintenance/maintenance.controller.js';
import { PolicyBody, ScopeBody } from '../rate-limits/rate-limits.dto.js';
import { DisableBody, EnvironmentsBody, MaintenanceBody, ReasonBody, ScheduleBody } from '../routes/routes.dto.js';
import { RegisterBody } from '../sdk/sdk.controller.js';
import { CommitBody } from '../sync/incoming-changes.js';
import { HitsBody } from '../sync/incoming-hits.js';
import { AppliedBody } from '../sync/sync.controller.js';
import { TokenBody } from '../tokens/tokens.controller.js';
import type { AnswerName } from './answers.js';

/** What the document says about an endpoint beside what its handler says itself. */
export interface Operation {
  readonly tag: string;
  readonly summary: string;
  readonly body?: Type<object>;
  /** The body may be missing, or no JSON at all: then it counts as `{}`. */
  readonly lenient?: boolean;
  readonly answer?: AnswerName;
  readonly list?: boolean;
  /** Default 200. */
  readonly status?: number;
  readonly query?: readonly string[];
  /** Default `application/json`. */
  readonly type?: string;
}

const AUDIT_QUERY = ['route', 'service', 'actor', 'action', 'since', 'until'];
const PAGE = ['limit', 'cursor'];

const route = (summary: string, body: Type<object>, lenient = true): Operation => ({
  tag: 'routes',
  summary,
  body,
  lenient,
  answer: 'RouteState',
});
const limitScope = (what: string): Readonly<Record<string, Operation>> => ({
  get: { tag: 'rate limits', summary: `The limit over ${what}; \`policy\` is null where there is none.`, answer: 'LimitScope' },
  post: {
    tag: 'rate limits',
    summary: `Sets the limit over ${what}, in force at once.`,
    body: ScopeBody,
    answer: 'GlobalRateLimitPolicy',
    status: 201,
  },
  delete: { tag: 'rate limits', summary: `Removes the limit over ${what}.`, answer: 'Ok' },
  reset: { tag: 'rate limits', summary: `Forgets what callers used of the limit over ${what}.`, answer: 'Ok' },
  enable: { tag: 'rate limits', summary: `Resumes the limit over ${what}.`, answer: 'Ok' },
  disable: { tag: 'rate limits', summary: `Pauses the limit over ${what}.`, answer: 'Ok' },
});
const everything = limitScope('everything');
const oneService = limitScope('one service');
const maintenance = (summary: string, body?: Type<object>, lenient = true): Operation => ({
  tag: 'maintenance',
  summary,
  ...(body === undefined ? {} : { body, lenient }),
  answer: 'MaintenanceConfig',
});
const exempt = maintenance('Changes what stays up, without switching anything on or off.', ExemptBody, false);
const switchOn = maintenance(
  'Answers 503 on every route that is not exempt. Replaces the whole configuration.',
  MaintenanceSwitchBody,
);
const switchOff = maintenance('Ends it, and forgets reason and exemptions.', SwitchOffBody);

/** By method and path below the mount. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /api/auth/login': {
    tag: 'access',
    summary: 'Gives a token for a name and a password.',
    body: LoginBody,
    answer: 'Login',
  },
  'POST /api/auth/logout': { tag: 'access', summary: "Ends the session of the header's token, on every node.", answer: 'Ok' },
  'GET /api/auth/me': { tag: 'access', summary: 'Who makes the request, and what they may do.', answer: 'Me' },
  'POST /login': { tag: 'access', summary: 'Signs in with a form and sets the session cookie.', status: 302 },
  'POST /logout': { tag: 'access', summary: "Ends the cookie's session.", status: 302 },
  'GET /api/tokens': { tag: 'access', summary: 'API tokens, without what they are.', answer: 'Token', list: true },
  'POST /api/tokens': {
    tag: 'access',
    summary: 'Makes an API token; `token` is in this answer and nowhere else.',
    body: TokenBody,
    answer: 'Token',
    status: 201,
  },
  'DELETE /api/tokens/:id': { tag: 'access', summary: 'Ends an API token at once, on every node.', answer: 'Ok' },
  'GET /api/routes': {
    tag: 'routes',
    summary: 'All routes and their state.',
    query: ['service'],
    answer: 'RouteState',
    list: true,
  },
  'GET /api/services': { tag: 'routes', summary: 'Names of services that have routes.', answer: 'Name', list: true },
  'GET /api/routes/:key': { tag: 'routes', summary: 'One route; one that nobody knows is active.', answer: 'RouteState' },
  'POST /api/routes/:key/enable': route('Opens the route everywhere and for good.', ReasonBody),
  'POST /api/routes/:key/disable': route('Answers 503, until changed or for `expires_in`.', DisableBody),
  'POST /api/routes/:key/maintenance': route('Answers 503, now or between `start` and `end`.', MaintenanceBody),
  'POST /api/routes/:key/env': route('Lets the route exist in these environments only.', EnvironmentsBody, false),
  'POST /api/routes/:key/schedule': route('Puts the route into maintenance in a window to come.', ScheduleBody, false),
  'DELETE /api/routes/:key/schedule': {
    tag: 'routes',
    summary: 'Takes back a window that has not opened.',
    answer: 'RouteState',
  },
  'DELETE /api/routes/:key/override': {
    tag: 'routes',
    summary: 'Removes what operators set: the declared state holds again.',
    answer: 'RouteState',
  },
  'GET /api/global': maintenance('The switch for everything.'),
  'POST /api/global/enable': switchOn,
  'POST /api/global/disable': switchOff,
  'PUT /api/global/exempt': exempt,
  'GET /api/services/:service/maintenance': maintenance('The switch for one service.'),
  'POST /api/services/:service/maintenance/enable': switchOn,
  'POST /api/services/:service/maintenance/disable': switchOff,
  'PUT /api/services/:service/maintenance/exempt': exempt,
  'GET /api/rate-limits': {
    tag: 'rate limits',
    summary: 'Limits in force. For an SDK, under the paths it knows.',
    answer: 'RateLimitPolicy',
    list: true,
  },
  'POST /api/rate-limits': {
    tag: 'rate limits',
    summary: 'Sets a limit of a route; others of the route stay.',
    body: PolicyBody,
    answer: 'RateLimitPolicy',
    status: 201,
  },
  'GET /api/rate-limits/hits': {
    tag: 'rate limits',
    summary: 'Refused requests, newest first.',
    query: ['route', 'limit'],
    answer: 'RateLimitHit',
    list: true,
  },
  'DELETE /api/rate-limits/:key': {
    tag: 'rate limits',
    summary: 'Removes what operators set; `key` is of `METHOD:/path`.',
    answer: 'Ok',
  },
  'DELETE /api/rate-limits/:key/reset': {
    tag: 'rate limits',
    summary: 'Forgets what callers used; `key` is of the path.',
    query: ['method'],
    answer: 'Ok',
  },
  'GET /api/global-rate-limit': everything['get'] as Operation,
  'POST /api/global-rate-limit': everything['post'] as Operation,
  'DELETE /api/global-rate-limit': everything['delete'] as Operation,
  'DELETE /api/global-rate-limit/reset': everything['reset'] as Operation,
  'POST /api/global-rate-limit/enable': everything['enable'] as Operation,
  'POST /api/global-rate-limit/disable': everything['disable'] as Operation,
  'GET /api/services/:service/rate-limit': oneService['get'] as Operation,
  'POST /api/services/:service/rate-limit': oneService['post'] as Operation,
  'DELETE /api/services/:service/rate-limit': oneService['delete'] as Operation,
  'DELETE /api/services/:service/rate-limit/reset': oneService['reset'] as Operation,
  'POST /api/services/:service/rate-limit/enable': oneService['enable'] as Operation,
  'POST /api/services/:service/rate-limit/disable': oneService['disable'] as Operation,
  'GET /api/audit': {
    tag: 'audit',
    summary: "What was changed, newest first. The next page's cursor is in `X-Waygate-Next-Cursor`.",
    query: [...AUDIT_QUERY, ...PAGE],
    answer: 'AuditEntry',
    list: true,
  },
  'GET /api/revisions': {
    tag: 'audit',
    summary: 'The same, with the record before and after.',
    query: [...AUDIT_QUERY, ...PAGE],
    answer: 'Revisions',
  },
  'GET /api/audit/export': {
    tag: 'audit',
    summary: 'Everything that matches, as JSON lines or CSV.',
    query: [...AUDIT_QUERY, 'format'],
    type: 'application/x-ndjson',
  },
  'POST /api/sdk/register': {
    tag: 'SDK',
    summary: 'Registers routes of a service; gives the states that hold.',
    body: RegisterBody,
    answer: 'States',
  },
  'POST /api/sdk/audit': {
    tag: 'SDK',
    summary: 'Records what an SDK did to one of its routes. The body is an AuditEntry.',
    answer: 'Ok',
  },
  'GET /api/sdk/events': {
    tag: 'SDK',
    summary: 'State and changes of one service (`X-Waygate-App-Id`) as server-sent events.',
    type: 'text/event-stream',
  },
  'GET /api/sdk/snapshot': {
    tag: 'SDK',
    summary: 'What a stream begins with, in one answer; 304 while it is the same.',
    answer: 'Snapshot',
  },
  'GET /api/sdk/records': {
    tag: 'SDK',
    summary: 'Everything in scope as it is stored, at one revision: for processes that have this server for their backend.',
  },
  'GET /api/sdk/records/changes': {
    tag: 'SDK',
    summary: 'What changes of it after `since` in the store `epoch`, as server-sent events.',
    query: ['since', 'epoch'],
    type: 'text/event-stream',
  },
  'POST /api/sdk/commit': {
    tag: 'SDK',
    summary: 'Commits a change set wholly or not at all; 409 names the record that is not as expected.',
    body: CommitBody,
  },
  'GET /api/sdk/audit': {
    tag: 'SDK',
    summary: 'Audit entries as they are stored, newest first.',
    query: ['key', 'kind', 'revision', 'service', 'actor', 'action', 'since', 'until', ...PAGE],
  },
  'POST /api/sdk/hits': { tag: 'SDK', summary: 'Keeps requests that were refused elsewhere.', body: HitsBody, answer: 'Ok' },
  'GET /api/sdk/hits': {
    tag: 'SDK',
    summary: 'Refused requests as they are stored, newest first.',
    query: ['route', 'caller', 'since', ...PAGE],
  },
  'POST /api/sdk/instances': {
    tag: 'SDK',
    summary: 'Tells which revision a process decides by.',
    body: AppliedBody,
    answer: 'Ok',
  },
  'GET /api/instances': {
    tag: 'health',
    summary: 'The processes that follow this server, and how far they are.',
  },
  'GET /api/events': {
    tag: 'audit',
    summary: 'Every change and its audit entry as server-sent events.',
    type: 'text/event-stream',
  },
  'GET /api/health': {
    tag: 'health',
    summary: 'Whether the state is known to be what the store holds, and why not.',
    answer: 'Health',
  },
  'GET /api/health/live': { tag: 'health', summary: 'The process answers.', answer: 'Status' },
  'GET /api/health/ready': { tag: 'health', summary: '503 while the state is stale.', answer: 'Status' },
  'GET /api/openapi.json': { tag: 'health', summary: 'This document.' },
};
