import { CHANGE_KINDS, MAX_CHANGES } from '@waygate/core';
import { effectiveState } from './routes.js';
import { object, orNull, partly, text, texts, time, whole, withWarnings, type Schema } from './schema.js';

const indexes: Schema = { type: 'array', items: whole, description: 'Positions of the changes that do it, from 0.' };
const last = orNull(object({ revision: whole, action: text, actor: text, timestamp: time }));
/** A change that expected another revision. */
export const conflict = object({
  index: { type: 'integer', description: 'Position of the change, from 0.' },
  change: { type: 'string', description: 'Kind of the change.' },
  kind: { type: 'string', description: 'Kind of the record.' },
  key: text,
  expected: whole,
  actual: { type: 'integer', description: 'Revision of the record now; 0 = it does not exist.' },
  last: { ...last, description: 'The last change of the record; `null` = it is not in the log any more.' },
});

export const CHANGE_SCHEMAS = {
  Change: {
    ...partly(
      {
        kind: { type: 'string', enum: CHANGE_KINDS },
        key: { type: 'string', description: 'The route, flag, segment, or webhook.' },
        service: { ...orNull(text), description: 'For maintenance and limit scopes; `null` = everything.' },
        reason: text,
        expected_revision: { type: 'integer', description: 'The record must be at this revision; 0 = it must not exist.' },
        expires_in: { ...orNull(text), description: 'E.g. `2h`.' },
        expires_at: orNull(time),
      },
      'kind',
    ),
    description:
      'A change. Which other members it has depends on its kind; they are those of the endpoint for the same operation.',
  },
  ChangesInput: partly(
    {
      changes: { type: 'array', maxItems: MAX_CHANGES, items: { $ref: '#/components/schemas/Change' } },
      reason: { type: 'string', description: 'Of all changes that give none.' },
      dry_run: { type: 'boolean', description: 'Change nothing, answer a `ChangesPreview`. Default `false`.' },
    },
    'changes',
  ),
  AppliedChanges: withWarnings({
    revision: { type: 'integer', description: 'The revision that was committed; the current one when nothing changed.' },
    changed: { type: 'array', items: object({ kind: text, key: text, changes: indexes }) },
  }),
  ChangesPreview: object({
    revision: { type: 'integer', description: 'The revision that the preview is based on.' },
    records: {
      type: 'array',
      items: object({
        kind: text,
        key: text,
        before: {},
        after: {},
        differences: {
          type: 'array',
          items: { type: 'object', properties: { path: text, before: {}, after: {} }, required: ['path'] },
        },
        changes: indexes,
      }),
    },
    handlers: {
      type: 'array',
      description: 'Handlers whose effective state would change.',
      items: object({ key: text, before: effectiveState, after: effectiveState }),
    },
    conflicts: { type: 'array', items: conflict },
    warnings: {
      type: 'array',
      items: object({
        code: { type: 'string', enum: ['no_effect', 'not_in_effect', 'force_active'] },
        changes: indexes,
        handlers: texts,
        message: text,
      }),
    },
  }),
  ChangesOutcome: {
    anyOf: [{ $ref: '#/components/schemas/AppliedChanges' }, { $ref: '#/components/schemas/ChangesPreview' }],
  },
} satisfies Record<string, Schema>;
