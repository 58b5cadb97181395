import type { Type } from '@nestjs/common';
import { ExplainBody } from '../../explain/explain.controller.js';
import { EnvironmentsBody, ExpiringBody, MaintenanceBody, ScheduleBody } from '../../routes/routes.dto.js';
import { tagged, type Untagged } from './operation.js';

const route = (summary: string, body: Type<object>, lenient = true): Untagged => ({
  summary,
  body,
  lenient,
  answer: 'RouteState',
});

export const ROUTE_OPERATIONS = tagged('routes', {
  'GET /api/routes': {
    summary: 'All routes and their state.',
    query: ['service', 'tag'],
    answer: 'RouteState',
    list: true,
  },
  'GET /api/services': { summary: 'Names of services that have routes.', answer: 'Name', list: true },
  'GET /api/routes/:key': { summary: 'One route; one that nobody knows is active.', answer: 'RouteState' },
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
    summary: 'Takes back every planned window, begun or not.',
    answer: 'RouteState',
  },
  'DELETE /api/routes/:key/override': {
    summary: 'Removes what operators set: the declared state holds again.',
    answer: 'RouteState',
  },
  'GET /api/stats': {
    summary: 'Requests, blocks and latencies of this process by route and minute, with the changes meanwhile.',
    query: ['route', 'minutes'],
    answer: 'Stats',
  },
  'POST /api/explain': {
    summary:
      'Every step of the decision about a request: which route answers, what stops it, which limits count it. Counts nothing.',
    body: ExplainBody,
    answer: 'Explanation',
  },
});
