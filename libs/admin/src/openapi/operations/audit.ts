import { RevertBody } from '../../revisions/revisions.controller.js';
import { PAGE, tagged } from './operation.js';

const FILTERS = ['route', 'service', 'actor', 'action', 'since', 'until'];

export const AUDIT_OPERATIONS = tagged('audit', {
  'GET /api/audit': {
    summary:
      "What was changed, newest first; `route` is any record's `path`, or `everything` and `service shop` for the switch and the limit of a scope. The next page's cursor is in `X-Waygate-Next-Cursor`.",
    query: [...FILTERS, ...PAGE],
    answer: 'AuditEntry',
    list: true,
  },
  'GET /api/revisions': {
    summary: 'The same, with the record before and after.',
    query: [...FILTERS, ...PAGE],
    answer: 'Revisions',
  },
  'GET /api/revisions/diff': {
    summary:
      'What two revisions make different, record by record; without `to`, up to now. A side a member is missing on did not have it.',
    query: ['from', 'to'],
    answer: 'RevisionDiff',
  },
  'POST /api/revisions/:revision/revert': {
    summary: 'Takes back what a revision changed, as a new one. 409 where a record was changed since, unless `force` is set.',
    body: RevertBody,
    lenient: true,
    answer: 'Reverted',
  },
  'GET /api/audit/export': {
    summary: 'Everything that matches, as JSON lines or CSV.',
    query: [...FILTERS, 'format'],
    type: 'application/x-ndjson',
  },
  'GET /api/events': {
    summary: 'Every change and its audit entry as server-sent events.',
    type: 'text/event-stream',
  },
});
