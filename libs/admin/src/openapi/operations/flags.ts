import { EvaluateBody, RolloutBody, ScheduleFlagBody, SwitchFlagBody } from '../../flags/flags.dto.js';
import { ReasonBody } from '../../routes/routes.dto.js';
import { tagged, type Operation, type Untagged } from './operation.js';

const flag = (summary: string, body?: Operation['body'] & {}, lenient = false): Untagged => ({
  summary,
  ...(body === undefined ? {} : { body, lenient }),
  answer: 'Flag',
});

export const FLAG_OPERATIONS = tagged('flags', {
  'GET /api/flags': {
    summary: 'Flags, by key.',
    query: ['type', 'status', 'tag', 'q'],
    answer: 'Flag',
    list: true,
  },
  'GET /api/flags/stale': {
    summary: 'Flags that could be removed from the code, or should be looked at.',
    query: ['after'],
    answer: 'StaleFlag',
    list: true,
  },
  'GET /api/flags/counts': {
    summary: 'Evaluations of this process by flag, variation and minute.',
    query: ['flag'],
    answer: 'EvaluationCount',
    list: true,
  },
  'GET /api/flags/evaluations': {
    summary: 'Single evaluations of this process, newest first: a sample under load.',
    query: ['flag', 'variation', 'key'],
    answer: 'Evaluation',
    list: true,
  },
  'GET /api/flags/evaluations/stream': {
    summary:
      'Single evaluations of this process as they happen, as server-sent events: `{"type":"evaluation","evaluation":{…}}`. At most 400 a second are told; of those beyond, `{"type":"skipped","count":…}` tells how many.',
    query: ['flag', 'variation', 'key'],
    type: 'text/event-stream',
  },
  'POST /api/flags/explain': {
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
  'DELETE /api/flags/:key': { summary: 'Deletes a flag that no other one needs.', answer: 'Deleted' },
  'POST /api/flags/:key/enable': flag('Switches the flag on, for good or for `expires_in`.', SwitchFlagBody, true),
  'POST /api/flags/:key/disable': flag('Switches the flag off: everybody gets the off variation.', SwitchFlagBody, true),
  'POST /api/flags/:key/archive': flag('Retires the flag: callers get their own default.', ReasonBody, true),
  'POST /api/flags/:key/restore': flag('Takes a retired flag back into use.', ReasonBody, true),
  'POST /api/flags/:key/evaluate': {
    summary: 'What a context gets.',
    body: EvaluateBody,
    lenient: true,
    answer: 'FlagDetails',
  },
  'POST /api/flags/:key/explain': {
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
});
