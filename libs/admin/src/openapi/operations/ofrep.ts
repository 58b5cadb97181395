import { tagged } from './operation.js';

export const OFREP_OPERATIONS = tagged('OFREP', {
  'POST /ofrep/v1/evaluate/flags/:flag': {
    summary: 'What a context gets of one flag.',
    body: 'OfrepRequest',
    answer: 'OfrepEvaluation',
    failure: 'OfrepFailure',
  },
  'POST /ofrep/v1/evaluate/flags': {
    summary: 'What a context gets of all flags.',
    body: 'OfrepRequest',
    answer: 'OfrepEvaluations',
    failure: 'OfrepFailure',
    cached: true,
  },
  'GET /ofrep/v1/events': {
    summary: 'When to evaluate again, as server-sent events.',
    type: 'text/event-stream',
  },
});
