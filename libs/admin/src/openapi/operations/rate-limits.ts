import { PolicyBody, ScopeBody } from '../../rate-limits/rate-limits.dto.js';
import { ExpiringBody } from '../../routes/routes.dto.js';
import { tagged, type Untagged } from './operation.js';

/** The same over one service as over everything. */
const limitOver = (what: string, path: string): Readonly<Record<string, Untagged>> => ({
  [`GET ${path}`]: { summary: `The limit over ${what}; \`policy\` is null where there is none.`, answer: 'LimitScope' },
  [`POST ${path}`]: {
    summary: `Sets the limit over ${what}, in force at once.`,
    body: ScopeBody,
    answer: 'GlobalRateLimitPolicySet',
    status: 201,
  },
  [`DELETE ${path}`]: { summary: `Removes the limit over ${what}.`, answer: 'Ok' },
  [`DELETE ${path}/reset`]: { summary: `Forgets what callers used of the limit over ${what}.`, answer: 'Ok' },
  [`POST ${path}/enable`]: { summary: `Resumes the limit over ${what}.`, answer: 'Ok' },
  [`POST ${path}/disable`]: {
    summary: `Pauses the limit over ${what}, until it is resumed or for a time.`,
    body: ExpiringBody,
    lenient: true,
    answer: 'Ok',
  },
});

export const RATE_LIMIT_OPERATIONS = tagged('rate limits', {
  'GET /api/rate-limits': {
    summary: 'Limits in force. For an SDK, under the paths it knows.',
    answer: 'RateLimitPolicy',
    list: true,
  },
  'POST /api/rate-limits': {
    summary: 'Sets a limit of a route; others of the route stay.',
    body: PolicyBody,
    answer: 'RateLimitPolicy',
    status: 201,
  },
  'GET /api/rate-limits/hits': {
    summary: 'Refused requests, newest first.',
    query: ['route', 'limit'],
    answer: 'RateLimitHit',
    list: true,
  },
  'DELETE /api/rate-limits/:key': {
    summary: 'Removes what operators set; `key` is of `METHOD:/path`.',
    answer: 'LimitRemoved',
  },
  'DELETE /api/rate-limits/:key/reset': {
    summary: 'Forgets what callers used; `key` is of the path.',
    query: ['method'],
    answer: 'LimitReset',
  },
  ...limitOver('everything', '/api/global-rate-limit'),
  ...limitOver('one service', '/api/services/:service/rate-limit'),
});
