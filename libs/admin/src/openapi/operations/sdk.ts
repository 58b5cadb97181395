import { AppliedBody } from '../../sync/sync.controller.js';
import { PAGE, tagged } from './operation.js';

export const SDK_OPERATIONS = tagged('SDK', {
  'POST /api/sdk/register': {
    summary: 'Registers routes of a service; gives the states that hold.',
    body: 'RegisterInput',
    answer: 'States',
  },
  'POST /api/sdk/audit': {
    summary: 'Records what an SDK did to one of its routes.',
    body: 'AuditEntryInput',
    answer: 'Ok',
  },
  'GET /api/sdk/events': {
    summary: 'State and changes of one service (`X-Waygate-App-Id`) as server-sent events.',
    type: 'text/event-stream',
  },
  'GET /api/sdk/snapshot': {
    summary: 'What a stream begins with, in one answer.',
    cached: true,
    answer: 'Snapshot',
  },
  'GET /api/sdk/records': {
    summary: 'Everything in scope as it is stored, at one revision: for processes that have this server for their backend.',
  },
  'GET /api/sdk/records/changes': {
    summary: 'What changes of it after `since` in the store `epoch`, as server-sent events.',
    query: ['since', 'epoch'],
    type: 'text/event-stream',
  },
  'POST /api/sdk/commit': {
    summary: 'Commits a change set wholly or not at all; 409 names the record that is not as expected.',
    body: 'CommitInput',
  },
  'GET /api/sdk/audit': {
    summary: 'Audit entries as they are stored, newest first.',
    query: ['key', 'kind', 'revision', 'service', 'actor', 'action', 'since', 'until', ...PAGE],
  },
  'POST /api/sdk/hits': { summary: 'Keeps requests that were refused elsewhere.', body: 'HitsInput', answer: 'Ok' },
  'GET /api/sdk/hits': {
    summary: 'Refused requests as they are stored, newest first.',
    query: ['route', 'caller', 'since', ...PAGE],
  },
  'POST /api/sdk/instances': {
    summary: 'Tells which revision a process decides by.',
    body: AppliedBody,
    answer: 'Ok',
  },
});
