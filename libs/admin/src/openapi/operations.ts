import type { Type } from '@nestjs/common';
import { LoginBody } from '../auth/auth.controller.js';
import { ExplainBody } from '../explain/explain.controller.js';
import { EvaluateBody, MembersBody, RolloutBody, ScheduleFlagBody, SwitchFlagBody } from '../flags/flags.dto.js';
import { ExemptBody, MaintenancePlanBody, MaintenanceSwitchBody, SwitchOffBody } from '../maintenance/maintenance.controller.js';
import { PolicyBody, ScopeBody } from '../rate-limits/rate-limits.dto.js';
import { RevertBody } from '../revisions/revisions.controller.js';
import { EnvironmentsBody, ExpiringBody, MaintenanceBody, ReasonBody, ScheduleBody } from '../routes/routes.dto.js';
import { RegisterBody } from '../sdk/sdk.controller.js';
import { CommitBody } from '../sync/incoming-changes.js';
import { HitsBody } from '../sync/incoming-hits.js';
import { AppliedBody } from '../sync/sync.controller.js';
import { TokenBody } from '../tokens/tokens.controller.js';
import { RotateSecretBody, WebhookBody, WebhookPatchBody } from '../webhooks/webhooks.dto.js';
import type { AnswerName } from './answers.js';

/** What the document says about an endpoint beside what its handler says itself. */
export interface Operation {
  readonly tag: string;
  readonly summary: string;
  /** The class that checks it, or the name of what it is. */
  readonly body?: Type<object> | AnswerName;
  /** The body may be missing: then it counts as `{}`. */
  readonly lenient?: boolean;
  readonly answer?: AnswerName;
  readonly list?: boolean;
  /** Default 200. */
  readonly status?: number;
  readonly query?: readonly string[];
  /** Default `application/json`. */
  readonly type?: string;
  /** What 400 and 404 look like. Default `Error`. */
  readonly failure?: AnswerName;
  /** `If-None-Match` with the `ETag` of an answer brings 304 while it is the same. */
  readonly cached?: boolean;
  /** Answers of other statuses, by status. */
  readonly others?: Readonly<Record<number, AnswerName>>;
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
const webhook = (summary: string): Operation => ({
  tag: 'webhooks',
  summary,
  body: ReasonBody,
  lenient: true,
  answer: 'Webhook',
});
const limitScope = (what: string): Readonly<Record<string, Operation>> => ({
  get: { tag: 'rate limits', summary: `The limit over ${what}; \`policy\` is null where there is none.`, answer: 'LimitScope' },
  post: {
    tag: 'rate limits',
    summary: `Sets the limit over ${what}, in force at once.`,
    body: ScopeBody,
    answer: 'GlobalRateLimitPolicySet',
    status: 201,
  },
  delete: { tag: 'rate limits', summary: `Removes the limit over ${what}.`, answer: 'Ok' },
  reset: { tag: 'rate limits', summary: `Forgets what callers used of the limit over ${what}.`, answer: 'Ok' },
  enable: { tag: 'rate limits', summary: `Resumes the limit over ${what}.`, answer: 'Ok' },
  disable: {
    tag: 'rate limits',
    summary: `Pauses the limit over ${what}, until it is resumed or for a time.`,
    body: ExpiringBody,
    lenient: true,
    answer: 'Ok',
  },
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

const flag = (summary: string, body?: Operation['body'] & {}, lenient = false): Operation => ({
  tag: 'flags',
  summary,
  ...(body === undefined ? {} : { body, lenient }),
  answer: 'Flag',
});
const segment = (summary: string, body?: Operation['body'] & {}): Operation => ({
  tag: 'flags',
  summary,
  ...(body === undefined ? {} : { body }),
  answer: 'Segment',
});
const plan = maintenance(
  'Plans it, once from `start` to `end` or again and again by `recurrence`; what was set before holds again afterwards.',
  MaintenancePlanBody,
  false,
);
const cancelPlan = maintenance('Takes back everything planned, begun or not.');

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
  'GET /login/oidc': { tag: 'access', summary: 'Leads the browser to the identity provider.', status: 302 },
  'GET /login/oidc/callback': {
    tag: 'access',
    summary: 'Where the identity provider leads back to: sets the session cookie.',
    type: 'text/html',
  },
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
    query: ['service', 'tag'],
    answer: 'RouteState',
    list: true,
  },
  'GET /api/services': { tag: 'routes', summary: 'Names of services that have routes.', answer: 'Name', list: true },
  'GET /api/routes/:key': { tag: 'routes', summary: 'One route; one that nobody knows is active.', answer: 'RouteState' },
  'POST /api/routes/:key/enable': route('Opens the route everywhere, for good or for a time.', ExpiringBody),
  'POST /api/routes/:key/disable': route('Answers 503, until changed or for a time.', ExpiringBody),
  'POST /api/routes/:key/maintenance': route('Answers 503, now or between `start` and `end`.', MaintenanceBody),
  'POST /api/routes/:key/env': route('Lets the route exist in these environments only.', EnvironmentsBody, false),
  'POST /api/routes/:key/schedule': route(
    'Puts the route into maintenance in a window to come, or again and again by `recurrence`.',
    ScheduleBody,
    false,
  ),
  'DELETE /api/routes/:key/schedule': {
    tag: 'routes',
    summary: 'Takes back every planned window, begun or not.',
    answer: 'RouteState',
  },
  'DELETE /api/routes/:key/override': {
    tag: 'routes',
    summary: 'Removes what operators set: the declared state holds again.',
    answer: 'RouteState',
  },
  'GET /api/stats': {
    tag: 'routes',
    summary: 'Requests, blocks and latencies of this process by route and minute, with the changes meanwhile.',
    query: ['route', 'minutes'],
    answer: 'Stats',
  },
  'POST /api/explain': {
    tag: 'routes',
    summary:
      'Every step of the decision about a request: which route answers, what stops it, which limits count it. Counts nothing.',
    body: ExplainBody,
    answer: 'Explanation',
  },
  'GET /api/global': maintenance('The switch for everything.'),
  'POST /api/global/enable': switchOn,
  'POST /api/global/disable': switchOff,
  'POST /api/global/schedule': plan,
  'DELETE /api/global/schedule': cancelPlan,
  'PUT /api/global/exempt': exempt,
  'GET /api/services/:service/maintenance': maintenance('The switch for one service.'),
  'POST /api/services/:service/maintenance/enable': switchOn,
  'POST /api/services/:service/maintenance/disable': switchOff,
  'POST /api/services/:service/maintenance/schedule': plan,
  'DELETE /api/services/:service/maintenance/schedule': cancelPlan,
  'PUT /api/services/:service/maintenance/exempt': exempt,
  'GET /api/schedule': {
    tag: 'maintenance',
    summary: 'What will change by itself, soonest first: windows, expiries, and what flags have planned.',
    query: ['limit'],
    answer: 'UpcomingChange',
    list: true,
  },
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
    answer: 'LimitRemoved',
  },
  'DELETE /api/rate-limits/:key/reset': {
    tag: 'rate limits',
    summary: 'Forgets what callers used; `key` is of the path.',
    query: ['method'],
    answer: 'LimitReset',
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
  'GET /api/flags': {
    tag: 'flags',
    summary: 'Flags, by key.',
    query: ['type', 'status', 'tag', 'q'],
    answer: 'Flag',
    list: true,
  },
  'GET /api/flags/stale': {
    tag: 'flags',
    summary: 'Flags that could be removed from the code, or should be looked at.',
    query: ['after'],
    answer: 'StaleFlag',
    list: true,
  },
  'GET /api/flags/counts': {
    tag: 'flags',
    summary: 'Evaluations of this process by flag, variation and minute.',
    query: ['flag'],
    answer: 'EvaluationCount',
    list: true,
  },
  'GET /api/flags/evaluations': {
    tag: 'flags',
    summary: 'Single evaluations of this process, newest first: a sample under load.',
    query: ['flag', 'variation', 'key'],
    answer: 'Evaluation',
    list: true,
  },
  'GET /api/flags/evaluations/stream': {
    tag: 'flags',
    summary:
      'Single evaluations of this process as they happen, as server-sent events: `{"type":"evaluation","evaluation":{…}}`. At most 400 a second are told; of those beyond, `{"type":"skipped","count":…}` tells how many.',
    query: ['flag', 'variation', 'key'],
    type: 'text/event-stream',
  },
  'POST /api/flags/explain': {
    tag: 'flags',
    summary: 'What one context gets of every flag, step by step. Counts nothing.',
    body: EvaluateBody,
    lenient: true,
    query: ['type', 'status', 'tag', 'q'],
    answer: 'FlagExplanation',
    list: true,
  },
  'GET /api/flags/:key': flag('One flag.'),
  'POST /api/flags': { ...flag('Defines a flag.', 'FlagInput'), status: 201 },
  'PUT /api/flags/:key': flag('Defines a flag, or replaces its definition.', 'FlagInput'),
  'PATCH /api/flags/:key': flag('Replaces the fields of a flag that the body names.', 'FlagPatch'),
  'DELETE /api/flags/:key': { tag: 'flags', summary: 'Deletes a flag that no other one needs.', answer: 'Deleted' },
  'POST /api/flags/:key/enable': flag('Switches the flag on, for good or for `expires_in`.', SwitchFlagBody, true),
  'POST /api/flags/:key/disable': flag('Switches the flag off: everybody gets the off variation.', SwitchFlagBody, true),
  'POST /api/flags/:key/archive': flag('Retires the flag: callers get their own default.', ReasonBody, true),
  'POST /api/flags/:key/restore': flag('Takes a retired flag back into use.', ReasonBody, true),
  'POST /api/flags/:key/evaluate': {
    tag: 'flags',
    summary: 'What a context gets.',
    body: EvaluateBody,
    lenient: true,
    answer: 'FlagDetails',
  },
  'POST /api/flags/:key/explain': {
    tag: 'flags',
    summary: 'Every step of an evaluation, with what each saw.',
    body: EvaluateBody,
    lenient: true,
    answer: 'FlagExplanation',
  },
  'POST /api/flags/:key/schedule': { ...flag('Plans a change that makes itself.', ScheduleFlagBody), status: 201 },
  'DELETE /api/flags/:key/schedule/:change': flag('Gives up a planned change.'),
  'POST /api/flags/:key/rollout': flag('Lets a variation grow by steps of time.', RolloutBody),
  'POST /api/flags/:key/rollout/pause': flag('Keeps a progressive rollout where it is.', ReasonBody, true),
  'POST /api/flags/:key/rollout/resume': flag('Lets a paused rollout go on.', ReasonBody, true),
  'POST /api/flags/:key/rollout/abort': flag('Ends a progressive rollout: what it replaced holds again.', ReasonBody, true),
  'GET /api/segments': { tag: 'flags', summary: 'Segments, by key.', answer: 'Segment', list: true },
  'GET /api/segments/:key': segment('One segment.'),
  'POST /api/segments': { ...segment('Defines a segment.', 'SegmentInput'), status: 201 },
  'PUT /api/segments/:key': segment('Defines a segment, or replaces it.', 'SegmentInput'),
  'DELETE /api/segments/:key': { tag: 'flags', summary: 'Deletes a segment that nothing refers to.', answer: 'Deleted' },
  'POST /api/segments/:key/include': segment('Adds members.', MembersBody),
  'POST /api/segments/:key/exclude': segment('Keeps callers out whatever the rules say.', MembersBody),
  'POST /api/segments/:key/forget': segment('Strikes callers off both lists.', MembersBody),
  'POST /api/segments/:key/rules': {
    ...segment('Adds a rule, or replaces the one of the same id.', 'SegmentRuleInput'),
    status: 201,
  },
  'DELETE /api/segments/:key/rules/:rule': segment('Removes a rule.'),
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
  'GET /api/revisions/diff': {
    tag: 'audit',
    summary:
      'What two revisions make different, record by record; without `to`, up to now. A side a member is missing on did not have it.',
    query: ['from', 'to'],
    answer: 'RevisionDiff',
  },
  'POST /api/revisions/:revision/revert': {
    tag: 'audit',
    summary: 'Takes back what a revision changed, as a new one. 409 where a record was changed since, unless `force` is set.',
    body: RevertBody,
    lenient: true,
    answer: 'Reverted',
  },
  'GET /api/audit/export': {
    tag: 'audit',
    summary: 'Everything that matches, as JSON lines or CSV.',
    query: [...AUDIT_QUERY, 'format'],
    type: 'application/x-ndjson',
  },
  'GET /api/webhooks': {
    tag: 'webhooks',
    summary: 'Whom changes are told to. Only admins see more of a URL than its host; secrets are never shown again.',
    answer: 'Webhook',
    list: true,
  },
  'POST /api/webhooks': {
    tag: 'webhooks',
    summary:
      'Adds a webhook; `secret` is in this answer and nowhere else. 200 where one of that name or URL was there and is changed.',
    body: WebhookBody,
    answer: 'WebhookWithSecret',
    status: 201,
    others: { 200: 'WebhookWithSecret' },
  },
  'GET /api/webhooks/:webhook': { tag: 'webhooks', summary: 'One webhook.', answer: 'Webhook' },
  'PATCH /api/webhooks/:webhook': {
    tag: 'webhooks',
    summary: 'Changes what is named. What waits to be delivered goes where the webhook leads by then.',
    body: WebhookPatchBody,
    answer: 'Webhook',
  },
  'DELETE /api/webhooks/:webhook': { tag: 'webhooks', summary: 'Forgets a webhook and its deliveries.', answer: 'Ok' },
  'POST /api/webhooks/:webhook/enable': webhook('Tells it of changes again, and first of those that waited.'),
  'POST /api/webhooks/:webhook/disable': webhook('Tells it of no further change. What waits is kept.'),
  'POST /api/webhooks/:webhook/rotate-secret': {
    tag: 'webhooks',
    summary: 'Signs with a new secret, which is in this answer and nowhere else, and for `overlap` with the old ones too.',
    body: RotateSecretBody,
    lenient: true,
    answer: 'WebhookWithSecret',
  },
  'POST /api/webhooks/:webhook/test': {
    tag: 'webhooks',
    summary: 'Sends an event `test` now, once, and says how it went.',
    answer: 'WebhookTest',
  },
  'GET /api/webhooks/:webhook/deliveries': {
    tag: 'webhooks',
    summary: 'What it was sent, waits or was given up, newest first.',
    query: ['state', ...PAGE],
    answer: 'Deliveries',
  },
  'GET /api/webhooks/deliveries': {
    tag: 'webhooks',
    summary: 'Deliveries of all webhooks, newest first.',
    query: ['webhook', 'state', ...PAGE],
    answer: 'Deliveries',
  },
  'POST /api/webhooks/deliveries/:id/resend': {
    tag: 'webhooks',
    summary: 'Sends a delivery again, with all its attempts and under the same `webhook-id`.',
    answer: 'Delivery',
  },
  'POST /api/sdk/register': {
    tag: 'SDK',
    summary: 'Registers routes of a service; gives the states that hold.',
    body: RegisterBody,
    answer: 'States',
  },
  'POST /api/sdk/audit': {
    tag: 'SDK',
    summary: 'Records what an SDK did to one of its routes.',
    body: 'AuditEntryInput',
    answer: 'Ok',
  },
  'GET /api/sdk/events': {
    tag: 'SDK',
    summary: 'State and changes of one service (`X-Waygate-App-Id`) as server-sent events.',
    type: 'text/event-stream',
  },
  'GET /api/sdk/snapshot': {
    tag: 'SDK',
    summary: 'What a stream begins with, in one answer.',
    cached: true,
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
    answer: 'Instances',
  },
  'GET /api/events': {
    tag: 'audit',
    summary: 'Every change and its audit entry as server-sent events.',
    type: 'text/event-stream',
  },
  'POST /ofrep/v1/evaluate/flags/:flag': {
    tag: 'OFREP',
    summary: 'What a context gets of one flag.',
    body: 'OfrepRequest',
    answer: 'OfrepEvaluation',
    failure: 'OfrepFailure',
  },
  'POST /ofrep/v1/evaluate/flags': {
    tag: 'OFREP',
    summary: 'What a context gets of all flags.',
    body: 'OfrepRequest',
    answer: 'OfrepEvaluations',
    failure: 'OfrepFailure',
    cached: true,
  },
  'GET /ofrep/v1/events': {
    tag: 'OFREP',
    summary: 'When to evaluate again, as server-sent events.',
    type: 'text/event-stream',
  },
  'GET /api/health': {
    tag: 'health',
    summary: 'Whether the state is known to be what the store holds, and why not.',
    answer: 'Health',
  },
  'GET /api/health/live': { tag: 'health', summary: 'The process answers.', answer: 'Status' },
  'GET /api/health/ready': {
    tag: 'health',
    summary: '503 while the state is stale or the application ends.',
    answer: 'Status',
    others: { 503: 'Status' },
  },
  'GET /api/metrics': {
    tag: 'health',
    summary:
      'Figures of this process for Prometheus. An API token may also come as `Authorization: Bearer`. 501 without `prom-client`.',
    type: 'text/plain',
  },
  'GET /api/openapi.json': { tag: 'health', summary: 'This document.' },
};
