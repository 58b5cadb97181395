import { tagged } from './operation.js';

export const CHANGE_OPERATIONS = tagged('changes', {
  'POST /api/changes': {
    summary:
      'Makes up to 1,000 changes in one commit, all or none of them. With `dry_run`, answers what they would do and changes nothing. ' +
      '409 lists every change that expects another revision.',
    body: 'ChangesInput',
    answer: 'ChangesOutcome',
  },
});
